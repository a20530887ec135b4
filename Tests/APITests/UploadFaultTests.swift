import API
import Domain
import Foundation
import HTTP
import Logging
import ObjectStorage
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// Uploads that something comes between: a client that stops, a disk that is full, a key that is taken away.
@Suite("Uploads that are interrupted") struct UploadFaultTests {
    private static let content = UploadTests.content

    /// Pieces of ten bytes of the content, from the beginning; `between` is called in front of each but the first.
    private static func pieces(
        _ between: @escaping @Sendable (_ piece: Int) async throws -> Void
    ) -> @Sendable () async throws -> [UInt8]? {
        let sent = Mutex(0)
        return {
            let piece = sent.withLock { sent in
                defer { sent += 1 }
                return sent
            }
            if piece > 0 { try await between(piece) }
            let bytes = content.dropFirst(piece * 10).prefix(10)
            return bytes.isEmpty ? nil : Array(bytes)
        }
    }

    private static let faults: [(RequestBodyError, Int, String)] = [
        (.connectionLost, 408, "REQUEST_TIMEOUT"), (.faulty(.chunk), 400, "BAD_REQUEST"),
        (.faulty(.contentTooLarge), 413, "CONTENT_TOO_LARGE"),
    ]

    @Test("A body that stops, is malformed or too large is the client's fault; what came before counts", arguments: faults)
    func body(fault: RequestBodyError, status: Int, code: String) async throws {
        let log = RecordedLog()
        try await APIHarness.with(observer: log.observer) { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            let answer = Answer(try await UploadTests.stream(api, id, at: 0, Self.pieces { _ in throw fault }))
            #expect(answer.status == status)
            #expect(try answer.errorCode == code)
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(10))
            _ = try await UploadTests.append(api, id, Self.content.dropFirst(10), at: 10, expecting: 202)
        }
        #expect(log.messages(.error).isEmpty)
    }

    @Test("A client that is gone while the database is waited for is no failure of the server") func gone() async throws {
        let log = RecordedLog()
        try await APIHarness.with(observer: log.observer) { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            // The last piece comes, and the connection is lost before it is noted.
            let sending = Task {
                try await UploadTests.stream(api, id, at: 0, Self.pieces { piece in if piece == 3 { UploadTests.cancelCurrentTask() } })
            }
            #expect(try await sending.value.status.code == 408)
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(Int64(Self.content.count)))
            _ = try await UploadTests.append(api, id, [UInt8](), at: Self.content.count, expecting: 202)
        }
        #expect(log.messages(.error).isEmpty)
    }

    // MARK: Storage

    @Test("A piece that does not fit is refused before it is sent, and sent once there is room") func fullDisk() async throws {
        let log = RecordedLog()
        try await APIHarness.with(observer: log.observer) { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            _ = try await UploadTests.append(api, id, Self.content.prefix(10), at: 0, expecting: 204)
            func announce(_ size: Int64) async throws {
                try await api.database.pool.run { try $0.execute("UPDATE uploads SET file_size = \(size)") }
            }
            try await announce(1 << 50)
            let refused = try await api.send(
                .patch, "/v1/uploads/\(id)", Array(Self.content.dropFirst(10)),
                headers: ["X-API-Key": api.key, "Upload-Offset": "10", .contentLength: "\(1 << 49)"], expecting: 507)
            #expect(try refused.errorCode == "INSUFFICIENT_STORAGE")
            #expect(refused.response.headers[.retryAfter] != nil)
            #expect(try refused.text("message").hasPrefix("The storage is full."))
            try await announce(Int64(Self.content.count))
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(10))
            _ = try await UploadTests.append(api, id, Self.content.dropFirst(10), at: 10, expecting: 202)
        }
        #expect(log.messages(.warning) == ["the storage refused what a request brings"])
        #expect(log.messages(.error).isEmpty)
    }

    @Test("Room that a killed server had set aside for an upload is not taken a second time") func roomLeftBehind() async throws {
        try await APIHarness.with { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            _ = try await UploadTests.append(api, id, Self.content.prefix(10), at: 0, expecting: 204)
            let key = try #require(ObjectKey("videos/\(id)/file"))
            let path = api.objects.collectionPath(for: key)
            try withExtendedLifetime(try CollectedFile(for: key, in: api.objects)) { file in try file.reserve(4 << 20) }
            func held() -> Int {
                var facts = stat()
                return stat(path, &facts) == 0 ? Int(facts.st_blocks) * 512 : -1
            }
            #expect(held() >= 4 << 20)
            let rest = Self.content.dropFirst(10)
            _ = try await api.send(
                .patch, "/v1/uploads/\(id)", Array(rest.prefix(10)),
                headers: ["X-API-Key": api.key, "Upload-Offset": "10", .contentLength: "10"], expecting: 204)
            #expect((0..<1 << 20).contains(held()))
            _ = try await UploadTests.append(api, id, rest.dropFirst(10), at: 20, expecting: 202)
        }
    }

    @Test(
        "A storage that takes nothing is told from a server that fails",
        arguments: [(ENOSPC, 507), (EDQUOT, 507), (EROFS, 503), (EIO, 503), (EACCES, 500)])
    func refusal(code: Int32, status: Int) throws {
        let request = try #require(HTTPRequest(.patch, "/api/v1/uploads/1"))
        let error = ObjectStorageError.failed(operation: "pwrite", path: "/data/+parts/x", errno: code)
        let answer = Answer(ErrorRenderer(observer: RecordedLog().observer).response(to: error, request))
        #expect(answer.status == status)
        #expect((answer.response.headers[.retryAfter] != nil) == (status != 500))
        #expect(try !answer.text("message").contains("/data"))
    }

    @Test("A file that there is no room for, now or ever, is refused before any of it is sent") func room() async throws {
        try await APIHarness.with { api in
            let size: Int64 = 500_000_000_000
            let (capacity, free) = (try api.objects.capacity(), try api.objects.freeBytes())
            let answer = try await api.call(
                .post, "/v1/uploads", .members(["name": .string("Reel"), "fileName": .string("reel.mov"), "size": .integer(size)]))
            switch capacity {
            case let capacity? where size > capacity:
                #expect(answer.status == 400)
                #expect(try answer.fields == ["size"])
            case .some where size > free:
                #expect(answer.status == 507)
                #expect(answer.response.headers[.retryAfter] != nil)
            default: #expect(answer.status == 201)
            }
        }
    }

    // MARK: Access

    private static let withdrawals = [
        ("UPDATE api_keys SET is_active = false", "UPDATE api_keys SET is_active = true"),
        ("UPDATE users SET is_disabled = true", "UPDATE users SET is_disabled = false"),
        ("UPDATE teams SET api_enabled = false", "UPDATE teams SET api_enabled = true"),
    ]

    @Test("A piece under way ends when its key opens the upload no longer, and what came stays", arguments: withdrawals)
    func withdrawn(_ withdrawal: String, _ restoration: String) async throws {
        try await APIHarness.with { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            let next = Self.pieces { piece in
                guard piece == 1 else { return }
                try await api.database.pool.run { try $0.run(unescapedScript: withdrawal) }
                api.clock.advance(by: 300)
            }
            let refused = Answer(try await UploadTests.stream(api, id, at: 0, next))
            #expect(refused.status == 401)
            #expect(try refused.errorCode == "INVALID_API_KEY")
            try await api.database.pool.run { try $0.run(unescapedScript: restoration) }
            #expect(try await api.call(.get, "/v1/uploads/\(id)", expecting: 200).json["offset"] == .integer(20))
            _ = try await UploadTests.append(api, id, Self.content.dropFirst(20), at: 20, expecting: 202)
        }
    }

    @Test("No import begins for a key that was taken away during the last piece; another key begins it") func atTheEnd() async throws {
        try await APIHarness.with { api in
            let id = try await UploadTests.create(api, size: Self.content.count)
            let next = Self.pieces { piece in
                guard piece == 1 else { return }
                try await api.database.pool.run { try $0.execute("UPDATE api_keys SET is_active = false") }
            }
            #expect(try await UploadTests.stream(api, id, at: 0, next).status.code == 401)
            let videos = try await api.database.pool.run { try $0.value("SELECT count(*) FROM videos", as: Int.self) }
            #expect(videos == 0)
            let other = try await api.anotherKey()
            let state = try await api.call(.get, "/v1/uploads/\(id)", key: other, expecting: 200)
            #expect(try state.json["offset"] == .integer(Int64(Self.content.count)))
            _ = try await UploadTests.append(api, id, [UInt8](), at: Self.content.count, key: other, expecting: 202)
        }
    }
}
