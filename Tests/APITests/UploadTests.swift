import Domain
import Foundation
import HTTP
import ObjectStorage
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Uploads") struct UploadTests {
    static let content = Array("a film of sorts, sent by its owner".utf8)

    static func create(_ api: APIHarness, size: Int, crc32c: Int64? = nil, project: String? = nil) async throws -> String {
        try await api.call(
            .post, "/v1/uploads",
            .members([
                "name": .string("Reel 3"), "fileName": .string("reel-3.mov"), "size": .integer(Int64(size)),
                "crc32c": crc32c.map { .integer($0) }, "projectId": project.map { .string($0) },
            ]), expecting: 201
        ).text("id")
    }

    static func append(
        _ api: APIHarness, _ id: String, _ bytes: some Sequence<UInt8>, at offset: Int, checksum: String? = nil, key: String? = nil,
        expecting status: Int
    ) async throws -> Answer {
        var headers: HeaderFields = ["X-API-Key": key ?? api.key, "Upload-Offset": "\(offset)"]
        if let checksum { headers["Upload-Checksum"] = checksum }
        return try await api.send(.patch, "/v1/uploads/\(id)", Array(bytes), headers: headers, expecting: status)
    }

    /// Sends a piece whose bytes come as `next` gives them.
    static func stream(
        _ api: APIHarness, _ id: String, at offset: Int, _ next: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> HTTPResponse {
        await api.router.respond(
            to: HTTPRequest(
                method: .patch, target: try #require(RequestTarget("/api/v1/uploads/\(id)")),
                headers: ["X-API-Key": api.key, "Upload-Offset": "\(offset)"], body: RequestBody(streaming: next)))
    }

    /// Makes uploads look as if their last bytes had come 25 hours ago.
    private static func age(_ api: APIHarness) async throws {
        try await api.database.pool.run {
            try $0.execute("UPDATE uploads SET created_at = created_at - interval '25 hours', updated_at = now() - interval '25 hours'")
        }
    }

    /// What the server does to a handler whose connection is lost.
    static func cancelCurrentTask() {
        withUnsafeCurrentTask { task in
            if let task { task.cancel() }
        }
    }

    private static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum = CRC32C()
        sum.update(Array(bytes))
        return sum.value
    }

    @Test("Content that was compressed on its way is refused, and nothing of it is kept") func compressed() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: Self.content.count)
            let headers: HeaderFields = ["X-API-Key": api.key, "Upload-Offset": "0", "Content-Encoding": "gzip"]
            let piece = try await api.send(.patch, "/v1/uploads/\(id)", Self.content, headers: headers, expecting: 400)
            #expect(try piece.errorCode == "INVALID_REQUEST_BODY")
            #expect(piece.response.headers["Accept-Encoding"] == "identity")
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(0))
            let json = try await api.send(.post, "/v1/projects", Array(#"{"name":"x"}"#.utf8), headers: headers, expecting: 400)
            #expect(try json.text("message").contains("'gzip' is not supported"))
            try await api.send(
                .post, "/v1/projects", Array(#"{"name":"x"}"#.utf8), headers: ["X-API-Key": api.key, "Content-Encoding": "identity"],
                expecting: 201)
        }
    }

    @Test("A file sent in pieces becomes an import of the same id") func pieces() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: Self.content.count, crc32c: Int64(Self.crc(Self.content)))
            let first = try await Self.append(
                api, id, Self.content.prefix(10), at: 0, checksum: "crc32c \(Self.crc(Self.content.prefix(10)))", expecting: 204)
            #expect(first.response.headers["Upload-Offset"] == "10")
            let state = try await api.call(.get, "/v1/uploads/\(id)", expecting: 200)
            #expect(try state.json["offset"] == .integer(10))
            let head = try await api.send(.head, "/v1/uploads/\(id)", headers: ["X-API-Key": api.key], expecting: 200)
            #expect(head.response.headers["Upload-Offset"] == "10")
            #expect(head.response.headers["Upload-Length"] == "\(Self.content.count)")
            let last = try await Self.append(api, id, Self.content.dropFirst(10), at: 10, expecting: 202)
            #expect(try last.text("videoId") == id)
            try await api.call(.get, "/v1/uploads/\(id)", expecting: 404)
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.text("upload", "uploadState", "uploadStatus") == "IN_PROGRESS")
            let unit = try #require(
                try await api.jobs.lease(kinds: [.importSource], limit: 1, worker: ID(), duration: .seconds(9)).first)
            #expect("\(unit.video)" == id)
            let key = try #require(ObjectKey("videos/\(id)/file"))
            #expect(try api.objects.publishCollected(as: key) == Int64(Self.content.count))
            #expect(try api.objects.read(key) == Self.content)
        }
    }

    @Test("A piece at another place, beyond the end or with a wrong checksum leaves the upload as it was") func refusals() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: 20)
            _ = try await Self.append(api, id, Self.content.prefix(10), at: 0, expecting: 204)
            let elsewhere = try await Self.append(api, id, Self.content.prefix(5), at: 5, expecting: 409)
            #expect(elsewhere.response.headers["Upload-Offset"] == "10")
            #expect(try elsewhere.json["errorDetails"]?["offset"] == .integer(10))
            _ = try await Self.append(api, id, Self.content.prefix(11), at: 10, expecting: 413)
            let corrupt = try await Self.append(api, id, Self.content.prefix(5), at: 10, checksum: "crc32c 1", expecting: 400)
            #expect(try corrupt.errorCode == "CHECKSUM_MISMATCH")
            let malformed = try await Self.append(api, id, Self.content.prefix(5), at: 10, checksum: "md5 abc", expecting: 400)
            #expect(try malformed.fields == ["Upload-Checksum"])
            let nowhere = try await api.send(
                .patch, "/v1/uploads/\(id)", Self.content, headers: ["X-API-Key": api.key, "Upload-Offset": "-1"], expecting: 400)
            #expect(try nowhere.fields == ["Upload-Offset"])
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(10))
        }
    }

    @Test("Two requests cannot write one upload at once") func busy() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: 20)
            let holder = try CollectedFile(for: try #require(ObjectKey("videos/\(id)/file")), in: api.objects)
            _ = try await Self.append(api, id, Self.content.prefix(10), at: 0, expecting: 409)
            #expect(try holder.size() == 0)
        }
    }

    @Test("An upload can be given up, and is only its team's") func givenUp() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: 20)
            _ = try await Self.append(api, id, Self.content.prefix(10), at: 0, expecting: 204)
            let key = try await api.foreignKey()
            try await api.call(.get, "/v1/uploads/\(id)", key: key, expecting: 404)
            try await api.call(.delete, "/v1/uploads/\(id)", key: key, expecting: 404)
            _ = try await Self.append(api, id, Self.content.prefix(1), at: 10, key: key, expecting: 404)
            try await api.call(.delete, "/v1/uploads/\(id)", expecting: 204)
            try await api.call(.delete, "/v1/uploads/\(id)", expecting: 404)
            #expect(try api.objects.collectedSize(of: try #require(ObjectKey("videos/\(id)/file"))) == 0)
        }
    }

    @Test("Everything wrong with an upload comes in one answer") func problems() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(
                .post, "/v1/uploads",
                .members(["name": .string(""), "size": .integer(0), "crc32c": .integer(4_294_967_296)]), expecting: 400)
            #expect(try Set(answer.fields) == ["name", "fileName", "size", "crc32c"])
        }
    }

    @Test("An upload does not lapse while its bytes flow, however long one piece takes") func flowing() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: Self.content.count)
            let uploads = UploadStore(pool: api.database.pool)
            let sent = Mutex(0)
            let response = try await Self.stream(api, id, at: 0) {
                #expect(try await uploads.prune() == 0)
                // A day and an hour for the database, five minutes for the clock of the server.
                try await Self.age(api)
                api.clock.advance(by: 300)
                return sent.withLock { sent in
                    let piece = Self.content[sent..<min(sent + 10, Self.content.count)]
                    sent += piece.count
                    return piece.isEmpty ? nil : Array(piece)
                }
            }
            #expect(response.status.code == 202)
        }
    }

    @Test("What came before a connection broke counts, and puts the lapse off") func brokenConnection() async throws {
        try await APIHarness.with { api in
            let id = try await Self.create(api, size: Self.content.count)
            let hasBegun = Mutex(false)
            let next: @Sendable () async throws -> [UInt8]? = {
                let isFirst = hasBegun.withLock { hasBegun in
                    defer { hasBegun = true }
                    return !hasBegun
                }
                if isFirst { return Array(Self.content.prefix(10)) }
                try await Self.age(api)
                Self.cancelCurrentTask()
                throw RequestBodyError.connectionLost
            }
            // A task of its own, which ends with the connection.
            let sending = Task { try await Self.stream(api, id, at: 0, next) }
            #expect(try await sending.value.status.code == 408)
            #expect(try await UploadStore(pool: api.database.pool).prune() == 0)
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(10))
            _ = try await Self.append(api, id, Self.content.dropFirst(10), at: 10, expecting: 202)
        }
    }

    @Test("A project with an unfinished upload cannot be deleted, and keeps its bytes") func project() async throws {
        try await APIHarness.with { api in
            let project = try await api.call(.post, "/v1/projects", .members(["name": .string("Reels")]), expecting: 201).text("id")
            let id = try await Self.create(api, size: Self.content.count, project: project)
            _ = try await Self.append(api, id, Self.content.prefix(10), at: 0, expecting: 204)
            let refused = try await api.call(.delete, "/v1/projects/\(project)", expecting: 409)
            #expect(try refused.errorCode == "PROJECT_WITH_VIDEOS_CANNOT_BE_DELETED")
            #expect(try refused.text("message") == "The project holds 1 unfinished upload; delete it first.")
            #expect(try refused.json["errorDetails"]?["uploads"] == .integer(1))
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(10))
            try await api.call(.delete, "/v1/uploads/\(id)", expecting: 204)
            try await api.call(.delete, "/v1/projects/\(project)", expecting: 204)
        }
    }
}
