import Domain
import Foundation
import HTTP
import JobQueue
import ObjectStorage
import Postgres
import Primitives
import Store
import TestSupport
import Testing
import Transfer
import Workers

/// The copy of a master from the operator's folder.
@Suite(.timeLimit(.minutes(2))) struct FolderImportHandlerTests {
    private static let content = WorkersBench.content(10_000_000)
    private static let path = "reels/ferry 1986.mov"

    private static func checksum() -> UInt32 {
        var crc = CRC32C()
        crc.update(content.span.bytes)
        return crc.value
    }

    /// A bench with the file in its team's part, and a handler that finds it.
    private static func with(
        _ body: (_ bench: WorkersBench, _ handler: ImportHandler, _ file: String) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        try await WorkersBench.with { bench in
            let file = "\(folder.path)/\(bench.account.team.id)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(content).write(to: URL(fileURLWithPath: file))
            try await body(bench, try bench.folderHandler(ImportFolder(path: folder.path)), file)
        }
    }

    private static func failure(_ outcome: UnitOutcome) throws -> UnitFailure {
        guard case .dead(let failure) = outcome else {
            Issue.record("\(outcome)")
            throw CancellationError()
        }
        return failure
    }

    @Test("A file arrives whole with its checksum, and stays where it was") func copies() async throws {
        try await Self.with { bench, handler, file in
            _ = try await bench.startFolderImport(Self.path, crc32c: Self.checksum())
            let unit = try await bench.lease(.importSource)
            guard case .succeeded(let result) = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            #expect(result.crc32c == Self.checksum())
            let made = try #require(result.file)
            #expect(made.size == Int64(Self.content.count))
            #expect(try bench.objects.read(made.key) == Self.content)
            #expect(FileManager.default.contents(atPath: file) == Data(Self.content))
            try await bench.jobs.complete(unit.lease, result: result)
            #expect(try await bench.videos.get(unit.video, scope: bench.scope)?.upload?.status == .done)
        }
    }

    @Test("Another attempt goes on with what is there, while the file is the same") func resumes() async throws {
        try await Self.with { bench, handler, file in
            _ = try await bench.startFolderImport(Self.path)
            let unit = try await bench.lease(.importSource)
            let key = try #require(ObjectKey("videos/\(unit.video)/file"))
            guard case .succeeded = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            // As if the first attempt had been killed in the middle: what it left is marked, to be known again.
            try bench.objects.delete(key)
            var half = Array(Self.content.prefix(5_000_000))
            half[0] ^= 1
            try CollectedFile(for: key, in: bench.objects).write(half, at: 0)
            guard case .succeeded(let result) = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            #expect(try bench.objects.read(key).prefix(5_000_000).elementsEqual(half), "what was there was not copied again")
            #expect(result.crc32c != Self.checksum(), "and the checksum is that of the copy")
            // A file that was replaced meanwhile is copied from its beginning.
            try bench.objects.delete(key)
            try CollectedFile(for: key, in: bench.objects).write(half, at: 0)
            try Data(Self.content).write(to: URL(fileURLWithPath: file))
            guard case .succeeded(let again) = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            #expect(again.crc32c == Self.checksum())
        }
    }

    /// A unit whose file was copied once and replaced since, and what the copy of the earlier version would leave in the middle.
    private static func replaced(
        _ bench: WorkersBench, _ handler: ImportHandler, _ file: String
    ) async throws -> (unit: LeasedUnit, key: ObjectKey, stale: [UInt8]) {
        _ = try await bench.startFolderImport(path)
        let unit = try await bench.lease(.importSource)
        let key = try #require(ObjectKey("videos/\(unit.video)/file"))
        guard case .succeeded = try await handler.perform(unit, progress: UnitProgress()) else {
            Issue.record("the import did not succeed")
            throw CancellationError()
        }
        try bench.objects.delete(key)
        try FileManager.default.removeItem(atPath: file)
        try Data(content).write(to: URL(fileURLWithPath: file))
        return (unit, key, content.prefix(5_000_000).map { ~$0 })
    }

    @Test("An attempt that finds the copy held leaves nothing of an earlier version to the next one") func heldCopy() async throws {
        try await Self.with { bench, handler, file in
            let (unit, key, stale) = try await Self.replaced(bench, handler, file)
            do {
                let holder = try CollectedFile(for: key, in: bench.objects)
                try holder.write(stale, at: 0)
                let outcome = try await handler.perform(unit, progress: UnitProgress())
                withExtendedLifetime(holder) {}
                guard case .retry(_, let reason) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(reason.code == "CONFLICT")
            }
            guard case .succeeded(let result) = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            #expect(result.crc32c == Self.checksum())
            #expect(try bench.objects.read(key) == Self.content)
        }
    }

    @Test("Bytes of an earlier version are gone before the new one is noted") func goneBeforeNoted() async throws {
        try await Self.with { bench, handler, file in
            let (unit, key, stale) = try await Self.replaced(bench, handler, file)
            try CollectedFile(for: key, in: bench.objects).write(stale, at: 0)
            // Without its lease the attempt ends at the note.
            func give(_ token: UUID) async throws {
                let segment = unit.lease.segment
                try await bench.pool.run { try $0.execute("UPDATE segments SET lease_token = \(token) WHERE id = \(segment)") }
            }
            try await give(UUID())
            await #expect(throws: LeaseLost.self) { try await handler.perform(unit, progress: UnitProgress()) }
            #expect(try CollectedFile(for: key, in: bench.objects).size() == 0)
            try await give(unit.lease.token)
            guard case .succeeded(let result) = try await handler.perform(unit, progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
            #expect(result.crc32c == Self.checksum())
            #expect(try bench.objects.read(key) == Self.content)
        }
    }

    @Test("What cannot be copied fails the import with its code") func refusals() async throws {
        try await Self.with { bench, handler, file in
            _ = try await bench.startFolderImport(Self.path, crc32c: 7)
            let sum = try Self.failure(try await handler.perform(try await bench.lease(.importSource), progress: UnitProgress()))
            #expect(sum.code == "CHECKSUM_MISMATCH")
            _ = try await bench.startFolderImport("reels/gone.mov")
            let gone = try Self.failure(try await handler.perform(try await bench.lease(.importSource), progress: UnitProgress()))
            #expect(gone.code == "KEY_NOT_FOUND")
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/etc/passwd")
            _ = try await bench.startFolderImport(Self.path)
            let link = try Self.failure(try await handler.perform(try await bench.lease(.importSource), progress: UnitProgress()))
            #expect(link.code == "INVALID_INPUT")
            _ = try await bench.startFolderImport(Self.path)
            let none = try bench.folderHandler(nil)
            let unset = try Self.failure(try await none.perform(try await bench.lease(.importSource), progress: UnitProgress()))
            #expect(unset.message.contains("REMASTER_IMPORT_DIRECTORY"))
        }
    }

    @Test("A wrong checksum passes where a restart says so") func skipping() async throws {
        try await Self.with { bench, handler, _ in
            _ = try await bench.startFolderImport(Self.path, crc32c: 7, skipsChecksum: true)
            guard case .succeeded = try await handler.perform(try await bench.lease(.importSource), progress: UnitProgress()) else {
                Issue.record("the import did not succeed")
                return
            }
        }
    }
}

extension WorkersBench {
    func folderHandler(_ folder: ImportFolder?) throws -> ImportHandler {
        ImportHandler(
            imports: imports, objects: objects, secrets: secrets, client: try HTTPClient(), policy: Self.policy, service: service,
            folder: folder, observer: TestCluster.observer)
    }

    /// An import from the folder that was just accepted.
    func startFolderImport(_ path: String, crc32c: UInt32? = nil, skipsChecksum: Bool = false) async throws -> VideoRecord {
        let request = ImportRequest(folderPath: path, crc32c: crc32c, skipChecksumValidation: skipsChecksum)
        return try await imports.start(
            NewImport(
                team: account.team.id, user: account.user.id, project: account.defaultProject.id, name: "Ferry",
                file: AnnouncedFile(name: "ferry.mov", size: 10_000_000, mimeType: nil),
                request: JSONDocument(String(decoding: try JSONEncoder().encode(request), as: UTF8.self))))
    }
}
