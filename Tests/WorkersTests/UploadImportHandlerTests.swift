import Domain
import Foundation
import JobQueue
import ObjectStorage
import Postgres
import Primitives
import Store
import TestSupport
import Testing
import Workers

/// The import of a file that its client has sent in pieces: it is in storage, and is taken over.
@Suite(.timeLimit(.minutes(2))) struct UploadImportHandlerTests {
    /// More than one piece of the reading, the last one short.
    private static let content = WorkersBench.content(9_000_001)

    private static func checksum() -> UInt32 {
        var crc = CRC32C()
        crc.update(content.span.bytes)
        return crc.value
    }

    /// Storage and import as the last piece of an upload leaves them.
    private static func upload(_ bench: WorkersBench, crc32c: UInt32?) async throws -> LeasedUnit {
        let video = ID<Video>()
        let file = try CollectedFile(for: try #require(ObjectKey("videos/\(video)/file")), in: bench.objects)
        try file.write(content, at: 0)
        try file.sync()
        let request = ImportRequest(isCollected: true, crc32c: crc32c)
        _ = try await bench.imports.start(
            NewImport(
                video: video, team: bench.account.team.id, user: bench.account.user.id, project: bench.account.defaultProject.id,
                name: "Ferry", file: AnnouncedFile(name: "ferry.mov", size: Int64(content.count), mimeType: nil),
                request: JSONDocument(String(decoding: try JSONEncoder().encode(request), as: UTF8.self))))
        return try await bench.lease(.importSource)
    }

    @Test("An upload becomes the video's file, whole, with its checksum", arguments: [true, false])
    func adopts(isAnnounced: Bool) async throws {
        try await WorkersBench.with { bench in
            let unit = try await Self.upload(bench, crc32c: isAnnounced ? Self.checksum() : nil)
            guard case .succeeded(let result) = try await bench.importHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("the upload is there")
                return
            }
            #expect(result.crc32c == Self.checksum())
            let file = try #require(result.file)
            #expect(file.name == "ferry.mov" && file.size == Int64(Self.content.count))
            #expect(try bench.objects.read(file.key) == Self.content)
            try await bench.jobs.complete(unit.lease, result: result)
            #expect(try await bench.videos.get(unit.video, scope: bench.scope)?.upload?.status == .done)
        }
    }

    @Test("An attempt that was killed after publishing is done by the next") func published() async throws {
        try await WorkersBench.with { bench in
            let unit = try await Self.upload(bench, crc32c: Self.checksum())
            for _ in 0..<2 {
                guard case .succeeded(let result) = try await bench.importHandler().perform(unit, progress: UnitProgress()) else {
                    Issue.record("the file is there")
                    return
                }
                #expect(result.file?.size == Int64(Self.content.count))
            }
        }
    }

    @Test("Another checksum than announced fails for good; a restart may pass over it") func otherChecksum() async throws {
        try await WorkersBench.with { bench in
            let unit = try await Self.upload(bench, crc32c: Self.checksum() ^ 1)
            guard case .dead(let failure) = try await bench.importHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("the checksum is another")
                return
            }
            #expect(failure.code == "CHECKSUM_MISMATCH")
            #expect(failure.details?.text == #"{"expected": \#(Self.checksum() ^ 1), "actual": \#(Self.checksum())}"#)
            try await bench.jobs.bury(unit.lease, reason: failure)
            _ = try await bench.imports.restart(unit.video, scope: bench.scope, skipChecksum: true)
            let second = try await bench.lease(.importSource)
            guard case .succeeded(let result) = try await bench.importHandler().perform(second, progress: UnitProgress()) else {
                Issue.record("the checksum was to be passed over")
                return
            }
            #expect(result.crc32c == Self.checksum())
        }
    }

    @Test("An upload whose bytes are gone fails with what is missing") func missing() async throws {
        try await WorkersBench.with { bench in
            let unit = try await Self.upload(bench, crc32c: nil)
            _ = try bench.objects.deletePrefix(try #require(ObjectKey("videos/\(unit.video)")))
            guard case .dead(let failure) = try await bench.importHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("there is nothing to take over")
                return
            }
            #expect(failure.code == "NO_CONTENT")
        }
    }
}
