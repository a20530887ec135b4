import Foundation
import HTTP
import S3
import TestObjectServer
import Testing

/// Against a real server that checks signatures.
@Suite struct BucketTests {
    private static let content = Array("not really a film, but bytes all the same".utf8)

    /// Keys that a wrong encoding would sign or send otherwise.
    private static let keys = [
        "plain.mov", "folder/with space/ferry 1986.mov", "ümläut/映画.mov", "a+b=c&d?e#f%20g.mov", "quote'(1)*!~$,;:@.mov",
    ]

    @Test("What is stored under a key is read back from there", arguments: keys) func roundTrip(key: String) async throws {
        let bucket = try await S3Scene.bucket()
        try await bucket.put(Self.content, at: key, contentType: "video/quicktime")
        let facts = try await bucket.probe(key)
        #expect(facts.size == Self.content.count)
        #expect(facts.contentType == "video/quicktime")
        #expect(facts.entityTag != nil)
        #expect(try await bucket.head(key).size == Self.content.count)
        #expect(try await bucket.read(key) == Self.content)
        #expect(try await bucket.read(key, ByteRange(offset: 4, length: 6)) == Array("really".utf8))
        #expect(try await bucket.list(prefix: String(key.prefix(3))).map(\.key) == [key])
        try await bucket.delete(key)
        #expect(await S3Scene.failure { try await bucket.probe(key) }?.isNoSuchKey == true)
    }

    @Test("Lists go on past the first thousand") func longList() async throws {
        let bucket = try await S3Scene.bucket()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<16 {
                group.addTask {
                    for number in stride(from: lane, to: 1040, by: 16) { try await bucket.put([1], at: "many/\(1000 + number)") }
                }
            }
            try await group.waitForAll()
        }
        let keys = try await bucket.list(prefix: "many/").map(\.key)
        #expect(keys == (0..<1040).map { "many/\(1000 + $0)" })
    }

    @Test("Parts become one object, in their order, with type and note") func multipart() async throws {
        let bucket = try await S3Scene.bucket()
        let (first, second) = ([UInt8](repeating: 1, count: S3Bucket.smallestPart), [UInt8](repeating: 2, count: 1000))
        let upload = try await bucket.beginUpload("film.mov", contentType: "video/quicktime", notes: ["export": "42"])
        #expect(try await bucket.uploads(of: "film.mov") == [upload])
        async let later = bucket.uploadPart(2, of: upload, second, to: "film.mov")
        async let earlier = bucket.uploadPart(1, of: upload, first, to: "film.mov")
        let parts = [try await later, try await earlier]
        try await bucket.completeUpload(upload, of: "film.mov", parts: parts)
        let facts = try await bucket.head("film.mov", note: "export")
        #expect(facts.size == first.count + second.count)
        #expect(facts.contentType == "video/quicktime")
        #expect(facts.note == "42")
        #expect(try await bucket.read("film.mov", ByteRange(offset: first.count - 1, length: 2)) == [1, 2])
        #expect(try await bucket.uploads(of: "film.mov") == [])
    }

    @Test("An upload does not replace an object that came meanwhile") func collision() async throws {
        let bucket = try await S3Scene.bucket()
        let upload = try await bucket.beginUpload("film.mov", contentType: "video/quicktime")
        let part = try await bucket.uploadPart(1, of: upload, [1], to: "film.mov")
        try await bucket.put([2], at: "film.mov")
        let failure = await S3Scene.failure { try await bucket.completeUpload(upload, of: "film.mov", parts: [part]) }
        guard case .alreadyExists("film.mov") = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try await bucket.read("film.mov") == [2])
        try await bucket.abortUpload(upload, of: "film.mov")
        try await bucket.abortUpload(upload, of: "film.mov")
        #expect(try await bucket.uploads(of: "film.mov") == [])
        let late = await S3Scene.failure { try await bucket.uploadPart(2, of: upload, [1], to: "film.mov") }
        guard case .noSuchUpload = late else {
            Issue.record("\(String(describing: late))")
            return
        }
    }

    @Test("Each refusal has its own error, and none is tried again") func refusals() async throws {
        let server = try await ObjectServer.running()
        let name = try await server.makeBucket()
        let service = try S3Scene.service(server.endpoint, retries: S3Retries())
        let owner = service.bucket(name, credentials: S3Credentials(server.owner))
        let reader = service.bucket(name, credentials: S3Credentials(server.reader))
        try await owner.put(Self.content, at: "film.mov")
        try await owner.put([], at: "empty.mov")
        #expect(try await reader.probe("film.mov").size == Self.content.count)
        let elsewhere = service.bucket("no-such-bucket", credentials: S3Credentials(server.owner))
        let stranger = service.bucket(name, credentials: S3Credentials(accessKey: "NOBODY", secretAccessKey: "x"))
        let mistaken = service.bucket(name, credentials: S3Credentials(accessKey: server.owner.accessKey, secretAccessKey: "wrong"))
        let failures = [
            await S3Scene.failure { try await owner.probe("absent.mov") }, await S3Scene.failure { try await owner.probe("empty.mov") },
            await S3Scene.failure { try await elsewhere.probe("film.mov") },
            await S3Scene.failure { try await stranger.probe("film.mov") },
            await S3Scene.failure { try await mistaken.probe("film.mov") },
            await S3Scene.failure { try await reader.put([1], at: "new.mov") },
        ]
        #expect(
            failures.map { $0.map { "\($0)" } } == [
                "noSuchKey(\"absent.mov\")", "rangeNotSatisfiable", "noSuchBucket(\"no-such-bucket\")",
                "credentialsRefused(code: \"InvalidAccessKeyId\")", "credentialsRefused(code: \"SignatureDoesNotMatch\")", "accessDenied",
            ])
        #expect(failures.allSatisfy { $0?.isRetryable == false })
    }

    @Test("A clock that is wrong is what the service says is wrong") func skew() async throws {
        let server = try await ObjectServer.running()
        let service = S3Service(
            client: try HTTPClient(), policy: S3Scene.policy, endpoint: .pathStyle(try OutgoingURL(server.endpoint)), retries: .none,
            clock: { .init(timeIntervalSince1970: 1_400_000_000) })
        let bucket = service.bucket(try await server.makeBucket(), credentials: S3Credentials(server.owner))
        let failure = await S3Scene.failure { try await bucket.probe("film.mov") }
        guard case .service(_, "RequestTimeTooSkewed", _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
