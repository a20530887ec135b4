import Domain
import Foundation
import HTTP
import JobQueue
import ObjectStorage
import Postgres
import Primitives
import S3
import Store
import TestObjectServer
import TestSupport
import Testing
import Workers

/// The copy of a master from a real S3 server.
@Suite(.timeLimit(.minutes(2))) struct S3ImportHandlerTests {
    /// Three pieces of 8 MiB, the last one short.
    private static let content = WorkersBench.content(20_000_000)
    private static let key = "masters/ferry 1986.mov"

    private static func checksum() -> UInt32 {
        var crc = CRC32C()
        crc.update(content.span.bytes)
        return crc.value
    }

    @Test("An object arrives whole, in ranges, with its checksum") func copies() async throws {
        try await WorkersBench.with { bench in
            try await bench.bucket.put(Self.content, at: Self.key, contentType: "video/quicktime")
            _ = try await bench.startImport(Self.key, bench.credentials)
            let unit = try await bench.lease(.importSource)
            let progress = UnitProgress()
            let outcome = try await bench.importHandler().perform(unit, progress: progress)
            guard case .succeeded(let result) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(result.crc32c == Self.checksum())
            let file = try #require(result.file)
            #expect(file.size == Int64(Self.content.count))
            #expect(file.name == "ferry.mov")
            #expect(try bench.objects.read(file.key) == Self.content)
            try await bench.jobs.complete(unit.lease, result: result)
            #expect(try await bench.videos.get(unit.video, scope: bench.scope)?.upload?.status == .done)
        }
    }

    @Test("A copy that was stopped goes on where it was, and asks only for what is missing") func resumes() async throws {
        let service = PlayedObject(Self.content, pieces: 1)
        try await service.serve { endpoint in
            try await WorkersBench.with(endpoint: endpoint) { bench in
                _ = try await bench.startImport(Self.key, bench.credentials, connections: 1)
                let unit = try await bench.lease(.importSource)
                let handler = try bench.importHandler()
                let first = Task { try await handler.perform(unit, progress: UnitProgress()) }
                // Over one connection a piece is asked for when the one before it is recorded.
                await service.secondPieceAsked()
                first.cancel()
                await #expect(throws: (any Error).self) { try await first.value }
                service.release()
                let outcome = try await handler.perform(unit, progress: UnitProgress())
                guard case .succeeded(let result) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(result.crc32c == Self.checksum())
                #expect(service.piecesAsked == 4, "two before, and the two that were missing")
            }
        }
    }

    @Test("A copy whose outcome was lost is not made again, and leaves nothing when its video goes") func outcomeLost() async throws {
        let service = PlayedObject(Self.content, pieces: 100)
        try await service.serve { endpoint in
            try await WorkersBench.with(endpoint: endpoint) { bench in
                _ = try await bench.startImport(Self.key, bench.credentials)
                let handler = try bench.importHandler()
                var results: [UnitResult] = []
                for _ in 0..<2 {
                    let unit = try await bench.lease(.importSource)
                    guard case .succeeded(let result) = try await handler.perform(unit, progress: UnitProgress()) else {
                        Issue.record("no success")
                        return
                    }
                    results.append(result)
                    #expect(service.piecesAsked == 3, "by the first attempt")
                    // The process ended before this was recorded.
                    try await bench.jobs.release(unit.lease)
                }
                #expect(results.map(\.crc32c) == [Self.checksum(), Self.checksum()])
                #expect(results[0].object == results[1].object)
                #expect(results[0].file?.size == results[1].file?.size)
                let file = try #require(results[1].file)
                #expect(try bench.objects.read(file.key) == Self.content)
                let parts = bench.objects.root + "/+parts"
                #expect(try Directories.entries(of: parts).map(\.name) == [file.key.description.replacing("/", with: "~") + ".ledger"])
                let unit = try await bench.lease(.importSource)
                try bench.objects.deletePrefix(try #require(ObjectKey("videos/\(unit.video)")))
                #expect(try Directories.entries(of: parts).isEmpty)
                #expect(try !bench.objects.exists(file.key))
            }
        }
    }

    @Test("What the bucket refuses fails the import with its code, and only what may mend is tried again") func refusals() async throws {
        try await WorkersBench.with { bench in
            try await bench.bucket.put([1], at: Self.key)
            let wrong = S3Credentials(accessKey: bench.credentials.accessKey, secretAccessKey: "wrong")
            let writer = S3Credentials(accessKey: bench.server.writer.accessKey, secretAccessKey: bench.server.writer.secretAccessKey)
            for (key, credentials, code) in [
                ("absent.mov", bench.credentials, "KEY_NOT_FOUND"), (Self.key, wrong, "HEAD_BUCKET_ERROR"),
                (Self.key, writer, "HEAD_OBJECT_ERROR"),
            ] {
                _ = try await bench.startImport(key, credentials)
                let outcome = try await bench.importHandler().perform(try await bench.lease(.importSource), progress: UnitProgress())
                guard case .dead(let failure) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(failure.code == code)
                #expect(!failure.message.contains("wrong"))
            }
        }
        try await WorkersBench.with(endpoint: "http://127.0.0.1:1") { bench in
            _ = try await bench.startImport(Self.key, bench.credentials)
            let outcome = try await bench.importHandler().perform(try await bench.lease(.importSource), progress: UnitProgress())
            guard case .retry(_, let failure) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(failure.code == "HEAD_BUCKET_ERROR")
        }
    }
}

extension WorkersBench {
    func importHandler() throws -> ImportHandler {
        ImportHandler(
            imports: imports, objects: objects, secrets: secrets, client: try HTTPClient(), policy: Self.policy, service: service,
            observer: TestCluster.observer)
    }

    /// An import from the bench's bucket that was just accepted.
    func startImport(_ key: String, _ credentials: S3Credentials, connections: Int = 10) async throws -> VideoRecord {
        let request = ImportRequest(
            object: ImportRequest.StoredObject(bucket: bucketName, key: key), maximumConnections: connections)
        return try await imports.start(
            NewImport(
                team: account.team.id, user: account.user.id, project: account.defaultProject.id, name: "Ferry",
                file: AnnouncedFile(name: "ferry.mov", size: 20_000_000, mimeType: "video/quicktime"),
                request: JSONDocument(String(decoding: try JSONEncoder().encode(request), as: UTF8.self)),
                sealedSecret: try credentials.sealed(by: secrets)))
    }
}
