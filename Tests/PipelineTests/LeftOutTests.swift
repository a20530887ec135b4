import Foundation
import Media
import Pipeline
import Testing

/// What a rendition goes without, in the words of the report.
@Suite(.serialized) struct LeftOutTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let lossless = #"{"encodingConfiguration":{"codec":"FFV1"}}"#

    @Test("timecode at a rate that does not divide the picture's is missing for that reason")
    func timecodeRate() async throws {
        let path = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=50", "-frames:v", "10", "-c:v", "ffv1", "-pix_fmt", "yuv420p",
                "-video_track_timescale", "50000", "-timecode", "01:00:00:00",
            ])
        // 50 numbers a second, each of 1000 ticks of 1/50000 s, become 30.
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(data.range(of: Data([0, 0, 0xC3, 0x50, 0, 0, 3, 0xE8, 50])))
        data.replaceSubrange(place, with: Data([0, 0, 0x75, 0x30, 0, 0, 3, 0xE8, 30]))
        try data.write(to: URL(fileURLWithPath: path))
        let report = try await bench.run(path, Self.lossless).report
        #expect(report.assembly.omissions == [.timecodeRate])
        #expect(
            report.warnings.contains(
                "the source's timecode cannot be kept: the rendition's frame rate is no whole multiple of the one that it counts at"))
    }

    @Test("sound that is announced and never sent is named")
    func neverSent() async throws {
        let path = try bench.clip(
            "source.ts",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=1", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=1",
                "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "ac3",
            ])
        var data = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        for start in stride(from: 0, to: data.count, by: 188) where data[start + 1] & 0x1F == 1 && data[start + 2] == 1 {
            data[start + 1] = 0x1F
            data[start + 2] = 0xFF
        }
        try Data(data).write(to: URL(fileURLWithPath: path))
        let report = try await bench.run(path, Self.lossless).report
        #expect(report.assembly.decisions.last?.reason == .noParameters)
        #expect(
            report.warnings.contains("the source's stream 1 (ac3) is left out: no packet of it tells its sampling rate and channels"))
    }
}
