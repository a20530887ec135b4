import Foundation
import Media
import Pipeline
import Testing

/// What a local run may write over and remove: its own, and nothing else.
@Suite(.serialized) struct LocalRunTests {
    private static let options = #"{"encodingConfiguration":{"codec":"H264","pixelFormat":{"yuv":"4:2:0","bitDepth":8}},"container":"MOV"}"#

    private func prepare(_ bench: Bench) throws -> Bench.Prepared {
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=128x64:rate=25", "-frames:v", "3", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        return try bench.prepare(source, Self.options)
    }

    private func run(_ bench: Bench, _ job: Bench.Prepared, to output: String) async throws {
        let local = LocalRun(engine: bench.engine, devices: [], observer: Bench.observer)
        _ = try await local.run(job.plan, source: job.source, index: job.index, output: output) { _, _ in }
    }

    /// Makes a folder with these files, which hold their own names.
    private func makeFolder(_ path: String, _ names: [String]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in names { try name.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8) }
    }

    @Test("the source is not written over, by its name or by a link")
    func source() async throws {
        let bench = try Bench()
        let job = try prepare(bench)
        let before = try Data(contentsOf: URL(filePath: job.source))
        let (hard, soft) = (bench.file("hard.mov"), bench.file("soft.mov"))
        try FileManager.default.linkItem(atPath: job.source, toPath: hard)
        try FileManager.default.createSymbolicLink(atPath: soft, withDestinationPath: job.source)
        for output in [job.source, hard, soft] {
            await #expect(throws: LocalRunError.isSource(path: output)) { try await run(bench, job, to: output) }
        }
        #expect(try Data(contentsOf: URL(filePath: job.source)) == before)
    }

    @Test("an output that is no regular file is refused")
    func notRegular() async throws {
        let bench = try Bench()
        let job = try prepare(bench)
        for output in [bench.folder, "/dev/null"] {
            await #expect(throws: LocalRunError.notRegular(path: output)) { try await run(bench, job, to: output) }
        }
    }

    @Test("a folder that is somebody else's stays, whatever its name")
    func foreignFolder() async throws {
        let bench = try Bench()
        let job = try prepare(bench)
        let output = bench.file("out.mov")
        try makeFolder(output + ".work", ["mine"])
        try await run(bench, job, to: output)
        #expect(FileManager.default.fileExists(atPath: output + ".work/mine"))
        #expect(!FileManager.default.fileExists(atPath: output + ".remaster-work"))

        let folder = output + ".remaster-work"
        try makeFolder(folder, ["mine"])
        await #expect(throws: LocalRunError.foreignWorkFolder(path: folder)) { try await run(bench, job, to: output) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["mine"])
    }

    @Test("what a killed run has left is used, and what a run holds is not touched")
    func ownFolder() async throws {
        let bench = try Bench()
        let job = try prepare(bench)
        let output = bench.file("out.mov")
        let folder = output + ".remaster-work"
        try makeFolder(folder, ["remaster.lock", "segment-0"])
        let marker = open(folder + "/remaster.lock", O_RDWR | O_CLOEXEC)
        try #require(marker >= 0 && flock(marker, LOCK_EX | LOCK_NB) == 0)
        await #expect(throws: LocalRunError.workFolderInUse(path: folder)) { try await run(bench, job, to: output) }
        #expect(FileManager.default.fileExists(atPath: folder + "/segment-0"))
        flock(marker, LOCK_UN)
        close(marker)
        try await run(bench, job, to: output)
        #expect(FileManager.default.fileExists(atPath: output) && !FileManager.default.fileExists(atPath: folder))
    }

    @Test("an output that cannot be put in its place is an error of writing")
    func unwritable() async throws {
        let bench = try Bench()
        let job = try prepare(bench)
        let output = bench.file("out.mov")
        let local = LocalRun(engine: bench.engine, devices: [], observer: Bench.observer)
        await #expect(throws: MediaError.unwritable(path: output, errno: EISDIR)) {
            _ = try await local.run(job.plan, source: job.source, index: job.index, output: output) { _, _ in mkdir(output, 0o755) }
        }
        #expect(!FileManager.default.fileExists(atPath: output + ".remaster-work"))
    }
}
