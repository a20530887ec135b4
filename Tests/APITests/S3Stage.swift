import Domain
import HTTP
import S3
import TestObjectServer
import Testing

/// A real S3 server behind the API, with a bucket that holds two objects.
struct S3Stage {
    let server: ObjectServer
    let bucket: String
    let client: S3Bucket

    static let content = Array("not really a film, but bytes all the same".utf8)
    static let key = "masters/ferry 1986.mov"

    var keys: (accessKey: String, secretAccessKey: String) { server.owner }

    static func with(_ body: (APIHarness, S3Stage) async throws -> Void) async throws {
        let server = try await ObjectServer.running()
        let bucket = try await server.makeBucket("api")
        try await APIHarness.with(objectServer: server.endpoint) { api in
            let client = api.s3.bucket(
                bucket, credentials: S3Credentials(accessKey: server.owner.accessKey, secretAccessKey: server.owner.secretAccessKey))
            try await client.put(content, at: key, contentType: "video/quicktime")
            try await client.put([], at: "empty.mov")
            try await body(api, S3Stage(server: server, bucket: bucket, client: client))
        }
    }

    /// The bucket with its owner's keys, or others, as in requests.
    func place(
        _ keys: (accessKey: String, secretAccessKey: String)? = nil, bucket: String? = nil, accessKey: String? = nil,
        secretAccessKey: String? = nil
    ) -> JSON {
        let keys = keys ?? server.owner
        return .members([
            "bucket": .string(bucket ?? self.bucket), "accessKey": .string(accessKey ?? keys.accessKey),
            "secretAccessKey": .string(secretAccessKey ?? keys.secretAccessKey),
        ])
    }

    /// The body of an import with keys.
    func body() -> JSON {
        .members(["name": .string("Ferry 1986, reel 2"), "objectKey": .string(Self.key), "s3Bucket": place()])
    }

    /// A stored location of the bucket; its id.
    func makeLocation(_ api: APIHarness, _ path: String) async throws -> String {
        guard case .object(var members) = place() else { return "" }
        members["name"] = .string("archive")
        return try await api.call(.post, path, .object(members), expecting: 201).text("id")
    }
}
