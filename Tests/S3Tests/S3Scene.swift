import HTTP
import S3
import TestObjectServer

/// What the tests of buckets share.
enum S3Scene {
    static let policy = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)

    static func service(_ endpoint: String, retries: S3Retries = .none) throws -> S3Service {
        S3Service(client: try HTTPClient(), policy: policy, endpoint: .pathStyle(try OutgoingURL(endpoint)), retries: retries)
    }

    /// A new bucket of the real server, as its owner.
    static func bucket() async throws -> S3Bucket {
        let server = try await ObjectServer.running()
        // A bucket's first writes may be answered with 500, while the server makes room for it.
        return try service(server.endpoint, retries: S3Retries()).bucket(
            try await server.makeBucket(), credentials: S3Credentials(server.owner))
    }

    /// What a call threw, or nil.
    static func failure<Result>(_ body: () async throws -> Result) async -> S3Error? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? S3Error
        }
    }
}

extension S3Retries {
    /// One request only.
    static let none = S3Retries(attempts: 1)
}

extension S3Credentials {
    init(_ keys: (accessKey: String, secretAccessKey: String)) {
        self.init(accessKey: keys.accessKey, secretAccessKey: keys.secretAccessKey)
    }
}

extension S3Error {
    var isNoSuchKey: Bool {
        if case .noSuchKey = self { return true }
        return false
    }
}
