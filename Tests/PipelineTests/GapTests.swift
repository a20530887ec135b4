import Foundation
import Media
import Pipeline
import Primitives
import Testing

/// Recordings in whose middle something is missing.
@Suite(.serialized) struct GapTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let lossless = #"{"encodingConfiguration":{"codec":"FFV1"}}"#
    private static let cluster = Data([0x1F, 0x43, 0xB6, 0x75])

    /// Four seconds of Matroska, a cluster a second.
    private func recording(sound: String) throws -> String {
        try bench.clip(
            "whole.mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=4", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=4",
                "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", sound, "-cluster_time_limit", "1000",
            ])
    }

    /// The same with the name of its third cluster lost, so that nobody can tell what is in there.
    private func damaged(_ path: String) throws -> String {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        var from = data.startIndex
        for _ in 0..<3 {
            let found = try #require(data.range(of: Self.cluster, in: from..<data.endIndex))
            from = found.upperBound
        }
        data.replaceSubrange(from - 4..<from, with: Data(count: 4))
        let path = bench.file("damaged.mkv")
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(
        "what a damaged file lacks in its middle stands in the report: pictures, and sound, copied or converted",
        arguments: ["aac", "flac"])
    func lostCluster(_ sound: String) async throws {
        let whole = try recording(sound: sound)
        let complete = try bench.prepare(whole, Self.lossless)
        #expect(complete.plan.source.gaps == nil)
        #expect(try await bench.run(complete, name: "complete").report.warnings.isEmpty)

        let job = try bench.prepare(try damaged(whole), Self.lossless)
        let missing = complete.index.count - job.index.count
        #expect(missing >= 20)
        let gaps = try #require(job.plan.source.gaps)
        #expect((gaps.count, gaps.missing, gaps.longest) == (1, missing, missing))
        let (_, report) = try await bench.run(job)
        let picture = "the source lacks \(missing) pictures behind its frame \(gaps.longestAfter)"
        #expect(report.warnings.contains(picture))
        let track = try #require(report.assembly.decisions.first { $0.kind == .audio })
        let silence = try #require(track.gaps)
        #expect(silence.count == 1)
        #expect(abs(silence.milliseconds - Double(missing) * 40) < 100)
        #expect(
            report.warnings.contains {
                $0.hasPrefix("the source's stream 1 lacks \(Int(silence.milliseconds.rounded())) ms of sound at one place")
            })

        let (_, early) = try await bench.run(bench.prepare(job.source, Self.lossless, end: 1000), name: "early")
        #expect(early.warnings.isEmpty)
    }

    @Test("times that are uneven throughout are no gaps")
    func variableRate() throws {
        let path = try bench.clip(
            "uneven.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=4", "-vf", "select=mod(n\\,5)", "-fps_mode", "passthrough",
                "-c:v", "libx264", "-preset", "ultrafast",
            ])
        let job = try bench.prepare(path, Self.lossless)
        #expect(job.plan.source.isVariableFrameRate)
        #expect(job.plan.source.gaps == nil)
    }

    @Test("single pictures that were dropped here and there are counted")
    func droppedPictures() throws {
        let path = try bench.clip(
            "dropped.mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=30000/1001:duration=4", "-vf",
                "select=not(eq(n\\,30)+eq(n\\,70)+eq(n\\,71))",
                "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast",
            ])
        let gaps = try #require(try bench.prepare(path, Self.lossless).plan.source.gaps)
        #expect((gaps.count, gaps.missing, gaps.longest, gaps.longestAfter) == (2, 3, 2, 68))
    }

    @Test("sound that becomes mono on its way is mixed to what it was at first, and the report says where")
    func changingChannels() async throws {
        var joined = Data()
        for channels in [2, 1] {
            let sine = Array(repeating: "0.5*sin(6000*t)", count: channels).joined(separator: "|")
            let part = try bench.clip("\(channels).mp2", ["-f", "lavfi", "-i", "aevalsrc=\(sine):s=48000:d=1.008", "-c:a", "mp2"])
            joined += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        try joined.write(to: URL(fileURLWithPath: bench.file("joined.mp2")))
        let path = try bench.clip(
            "changing.ts",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=2", "-i", bench.file("joined.mp2"), "-c:v", "mpeg2video", "-c:a",
                "copy",
            ])
        let (_, report) = try await bench.run(path, Self.lossless)
        let track = try #require(report.assembly.decisions.first { $0.kind == .audio })
        let change = try #require(track.soundChange)
        #expect(abs(change.atMilliseconds - 1008) < 60)
        let words =
            "the sound of the source's stream \(track.sourceStream) changes from stereo at 48000 Hz to mono at 48000 Hz at "
            + "\(Int(change.atMilliseconds)) ms of the rendition: the rendition has all of it as stereo at 48000 Hz"
        #expect(report.warnings.contains(words))
        #expect(!report.warnings.contains { $0.contains("lacks") })
        #expect(!report.delivery.problems.contains(.soundEndDiffers))
    }
}
