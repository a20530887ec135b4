package import HTTP

/// Where buckets are found.
package enum S3Endpoint: Hashable, Sendable {
    /// AWS: the bucket's region decides over the host.
    case amazon
    /// Another service under one origin, with the bucket as first part of the path.
    case pathStyle(OutgoingURL)

    /// Origin and path of a bucket.
    package struct Place: Hashable, Sendable {
        /// `https://host[:port]`.
        package let origin: String
        /// As in the `Host` field.
        package let authority: String
        /// `/bucket`, or nothing when the host names the bucket.
        package let pathPrefix: String

        package init(origin: String, authority: String, pathPrefix: String) {
            self.origin = origin
            self.authority = authority
            self.pathPrefix = pathPrefix
        }
    }

    /// The region that is tried first, while the bucket's own is not known.
    static let firstRegion = "us-east-1"

    /// On AWS the bucket is in the host's name, unless a dot in it would not match the certificate's wildcard.
    package func place(of bucket: String, region: String) -> Place {
        switch self {
        case .amazon:
            let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            let host = "s3.\(region).\(suffix)"
            guard !bucket.contains(".") else { return Place(origin: "https://\(host)", authority: host, pathPrefix: "/\(bucket)") }
            return Place(origin: "https://\(bucket).\(host)", authority: "\(bucket).\(host)", pathPrefix: "")
        case .pathStyle(let url):
            return Place(origin: "\(url.scheme.rawValue)://\(url.authority)", authority: url.authority, pathPrefix: "/\(bucket)")
        }
    }
}
