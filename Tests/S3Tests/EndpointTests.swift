import HTTP
import S3
import Testing

@Suite struct EndpointTests {
    private typealias Place = S3Endpoint.Place

    @Test("On AWS the bucket and its region name the host") func amazon() {
        #expect(
            S3Endpoint.amazon.place(of: "harbour-archive", region: "eu-west-1")
                == Place("https://harbour-archive.s3.eu-west-1.amazonaws.com", "harbour-archive.s3.eu-west-1.amazonaws.com", ""))
        #expect(
            S3Endpoint.amazon.place(of: "harbour-archive", region: "cn-north-1")
                == Place(
                    "https://harbour-archive.s3.cn-north-1.amazonaws.com.cn", "harbour-archive.s3.cn-north-1.amazonaws.com.cn", ""))
    }

    @Test("A bucket with dots is in the path, where the certificate fits") func dots() {
        #expect(
            S3Endpoint.amazon.place(of: "archive.harbour.example", region: "eu-west-1")
                == Place("https://s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com", "/archive.harbour.example"))
    }

    @Test("Another service has the bucket in the path") func pathStyle() throws {
        let url = try OutgoingURL("http://127.0.0.1:8333")
        #expect(
            S3Endpoint.pathStyle(url).place(of: "harbour-archive", region: "us-east-1")
                == Place("http://127.0.0.1:8333", "127.0.0.1:8333", "/harbour-archive"))
    }
}

extension S3Endpoint.Place {
    fileprivate init(_ origin: String, _ authority: String, _ pathPrefix: String) {
        self.init(origin: origin, authority: authority, pathPrefix: pathPrefix)
    }
}
