import Foundation
import HTTP
import S3
import Testing

/// AWS's published Signature Version 4 test suite (https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html) and
/// the examples of the S3 reference (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
@Suite struct SignatureTests {
    /// One request of the suite, with the signature it must get.
    struct Vector: CustomTestStringConvertible, Sendable {
        var name: String
        var method = HTTPMethod.get
        var path = "/"
        var query: [QueryItem] = []
        var headers: [(HeaderName, String)] = []
        var body = ""
        var signedHeaders = "host;x-amz-date"
        var signature: String
        var testDescription: String { name }
    }

    private static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let param1 = QueryItem(name: "Param1", value: "value1")

    private static let suite: [Vector] = [
        Vector(
            name: "get-header-key-duplicate", headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
            signedHeaders: "host;my-header1;x-amz-date", signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Vector(
            name: "get-header-value-multiline", headers: [("My-Header1", "value1,value2,value3")],
            signedHeaders: "host;my-header1;x-amz-date", signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"),
        Vector(
            name: "get-header-value-order",
            headers: [("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
            signedHeaders: "host;my-header1;x-amz-date", signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Vector(
            name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signedHeaders: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Vector(
            name: "get-unreserved", path: "/" + unreserved, signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Vector(name: "get-utf8", path: "/\u{1234}", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Vector(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-vanilla-empty-query-key", query: [param1],
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Vector(
            name: "get-vanilla-query-order-key-case", query: [QueryItem(name: "Param2", value: "value2"), param1],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "get-vanilla-query-unreserved", query: [QueryItem(name: unreserved, value: unreserved)],
            signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Vector(
            name: "get-vanilla-utf8-query", query: [QueryItem(name: "\u{1234}", value: "bar")],
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Vector(
            name: "post-header-key-case", method: .post, signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Vector(
            name: "post-header-key-sort", method: .post, headers: [("My-Header1", "value1")], signedHeaders: "host;my-header1;x-amz-date",
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Vector(
            name: "post-header-value-case", method: .post, headers: [("My-Header1", "VALUE1")],
            signedHeaders: "host;my-header1;x-amz-date", signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        Vector(
            name: "post-vanilla-query", method: .post, query: [param1],
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Vector(
            name: "post-vanilla-query-nonunreserved", method: .post,
            query: [QueryItem(name: "@#$%^", value: nil), QueryItem(name: "+", value: "/,?><`\";:\\|][{}")],
            signature: "66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e"),
        Vector(
            name: "post-vanilla-query-space", method: .post, query: [QueryItem(name: "p", value: nil)],
            signature: "e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b"),
        Vector(
            name: "post-x-www-form-urlencoded", method: .post, headers: [(.contentType, "application/x-www-form-urlencoded")],
            body: "Param1=value1", signedHeaders: "content-type;host;x-amz-date",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        Vector(
            name: "post-x-www-form-urlencoded-parameters", method: .post,
            headers: [(.contentType, "application/x-www-form-urlencoded; charset=utf8")], body: "Param1=value1",
            signedHeaders: "content-type;host;x-amz-date",
            signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
    ]

    @Test("A request of the published suite gets the published signature", arguments: suite) func published(_ vector: Vector) {
        let signer = SignatureV4(
            credentials: S3Credentials(accessKey: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "service")
        var request = SignableRequest(
            vector.method, path: vector.path, query: vector.query,
            headers: [.host: "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"],
            payloadHash: SignatureV4.payloadHash(of: Array(vector.body.utf8)))
        for (name, value) in vector.headers { request.headers.append(name, value) }
        let date = Date(timeIntervalSince1970: 1_440_938_160)
        #expect(
            signer.authorization(for: request, at: date)
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(vector.signedHeaders), Signature=\(vector.signature)")
    }

    private static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let welcome = "Welcome to Amazon S3."

    /// Of the S3 reference: all on 24 May 2013 at midnight, in `examplebucket`.
    private static let examples: [Vector] = [
        Vector(
            name: "GET Object", path: "/test.txt", headers: [(.range, "bytes=0-9"), ("x-amz-content-sha256", emptyHash)],
            signedHeaders: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Vector(
            name: "PUT Object", method: .put, path: "/test$file.text",
            headers: [
                (.date, "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ], body: welcome, signedHeaders: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Vector(
            name: "GET Bucket Lifecycle", query: [QueryItem(name: "lifecycle", value: nil)], headers: [("x-amz-content-sha256", emptyHash)],
            signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Vector(
            name: "GET Bucket", query: [QueryItem(name: "max-keys", value: "2"), QueryItem(name: "prefix", value: "J")],
            headers: [("x-amz-content-sha256", emptyHash)], signedHeaders: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("A request of the S3 reference gets the signature printed there", arguments: examples) func example(_ vector: Vector) {
        let signer = SignatureV4(
            credentials: S3Credentials(accessKey: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1")
        var request = SignableRequest(
            vector.method, path: vector.path, query: vector.query,
            headers: [.host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z"],
            payloadHash: SignatureV4.payloadHash(of: Array(vector.body.utf8)))
        for (name, value) in vector.headers { request.headers.append(name, value) }
        let authorization = signer.authorization(for: request, at: Date(timeIntervalSince1970: 1_369_353_600))
        #expect(
            authorization
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=\(vector.signedHeaders), Signature=\(vector.signature)")
    }

    @Test("The canonical request of the reference's PUT is the printed one") func canonicalRequest() {
        let request = SignableRequest(
            .put, path: "/test$file.text",
            headers: [
                .date: "Fri, 24 May 2013 00:00:00 GMT", .host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z",
            ], payloadHash: "44ce")
        #expect(
            request.canonicalText
                == "PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:examplebucket.s3.amazonaws.com\n"
                + "x-amz-date:20130524T000000Z\n\ndate;host;x-amz-date\n44ce")
    }
}
