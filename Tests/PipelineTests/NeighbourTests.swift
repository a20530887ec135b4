import Foundation
import Media
import Pipeline
import Primitives
import Testing

/// Filters that look at the frames around a job, where those are other pictures or damaged.
@Suite(.serialized) struct NeighbourTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let encoding = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#

    /// Options with one filter that looks at neighbours.
    private static func options(_ slot: String, _ filter: String) -> String {
        let settings =
            switch slot {
            case "deinterlacer": #""filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST"},"#
            case "frameRateConverter": #""filterSettings":{"frameRate":{"tag":"VIDEO_NTSC"}},"#
            default: ""
            }
        return #"{"filters":{"\#(slot)":"\#(filter)"},\#(settings)\#(encoding)}"#
    }

    /// Frames of each part: 1.2 seconds, because a job has one at least.
    private static let count = 30

    /// Parts in 4:3, 16:9 and 4:3, each a file, and the recording of all.
    private func evening() throws -> (parts: [String], whole: String) {
        var data = Data()
        var parts: [String] = []
        for (number, shape) in ["4/3", "16/9", "4/3"].enumerated() {
            let part = try bench.clip(
                "part-\(number).ts",
                [
                    "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "\(Self.count)", "-vf",
                    "hue=h=\(120 * number),setdar=\(shape)", "-c:v", "mpeg2video", "-bf", "2", "-g", "6", "-q:v", "3", "-output_ts_offset",
                    "\(1 + Double(number) * 1.2)", "-muxdelay", "0", "-muxpreload", "0",
                ])
            data += try Data(contentsOf: URL(fileURLWithPath: part))
            parts.append(part)
        }
        let path = bench.file("evening.ts")
        try data.write(to: URL(fileURLWithPath: path))
        return (parts, path)
    }

    private func run(_ job: Bench.Prepared, cuts: [FrameRange], name: String) async throws -> (path: String, report: JobReport) {
        try await bench.run(Bench.Prepared(plan: job.plan.cut(into: cuts), source: job.source, index: job.index), name: name)
    }

    /// Runs a job in one segment and in three, expects the same bytes, and gives the rendition and what the report warns of.
    private func run(_ job: Bench.Prepared, name: String) async throws -> (path: String, warnings: [String]) {
        let frames = job.plan.outputFrames
        let first = frames.start + frames.count / 3
        let cuts = [FrameRange(frames.start, first), FrameRange(first, first + 1), FrameRange(first + 1, frames.end)]
        let whole = try await run(job, cuts: [frames], name: name)
        let cut = try await run(job, cuts: cuts, name: name + "-cut")
        #expect(whole.report.sha256 == cut.report.sha256)
        #expect(whole.report.warnings == cut.report.warnings)
        #expect(whole.report.delivery.problems.isEmpty)
        return (whole.path, whole.report.warnings)
    }

    @Test(
        "every part of a changing recording is processed with filters that look at neighbours, as a file of its own is",
        arguments: [
            ("deinterlacer", "YADIF"), ("deinterlacer", "BWDIF"), ("deinterlacer", "WESTON3F"), ("deinterlacer", "DEINT"),
            ("denoiser", "HQDN3D"), ("denoiser", "DENOISE"), ("stabilizer", "DEJIT"), ("frameRateConverter", "FBLEND"),
            ("frameRateConverter", "MCINTERPOLATE"),
        ])
    func parts(slot: String, filter: String) async throws {
        let options = Self.options(slot, filter)
        let (parts, whole) = try evening()
        for number in 0..<3 {
            let job = try bench.prepare(whole, options, start: number * 1200, end: (number + 1) * 1200)
            let frames = FrameRange(number * Self.count, (number + 1) * Self.count)
            #expect(job.plan.frames == frames)
            #expect(job.plan.context == frames)
            // What is stored with the job says it too.
            let stored = try JobPlan(stored: String(decoding: JSONEncoder().encode(job.plan), as: UTF8.self))
            #expect(stored.context == frames)
            guard number == 1 else { continue }
            let (made, warnings) = try await run(job, name: "part")
            #expect(warnings.isEmpty)
            let alone = try await bench.run(parts[number], options, name: "alone").path
            // Dither differs by the frame's number: one code of ten bits to either side.
            let (left, right) = (try bench.samples(made, format: "yuv420p10le"), try bench.samples(alone, format: "yuv420p10le"))
            #expect(largestDifference(left, right) ?? .max <= 2)
        }
    }

    @Test("neighbours of the same part are looked at: only what contradicts the job bounds it")
    func boundedByContradictions() throws {
        let (_, whole) = try evening()
        let options = Self.options("deinterlacer", "YADIF")
        let inside = try bench.prepare(whole, options, start: 1320, end: 2360)
        #expect(inside.plan.frames == FrameRange(33, 59))
        #expect(inside.plan.context == FrameRange(30, 60))
        #expect(try bench.prepare(whole, options, end: 1040).plan.context == FrameRange(0, 30))
    }

    /// Sixty pictures, each for itself, of which number 28 is damaged.
    private func damaged() throws -> String {
        let path = try bench.clip(
            "damaged.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25", "-frames:v", "60", "-c:v", "libx264", "-preset", "ultrafast",
                "-g", "1", "-bf", "0",
            ])
        let (_, listing) = try launch(
            "ffprobe", ["-v", "error", "-of", "default=nw=1", "-select_streams", "v", "-show_entries", "packet=pos", path])
        let positions = String(decoding: listing, as: UTF8.self).split(separator: "\n").compactMap { Int($0.dropFirst(4)) }
        try #require(positions.count == 60)
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in (positions[28] + 8)..<(positions[28] + 600) { data[offset] = 0xA5 }
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(
        "the parts before and behind a damaged frame are processed by their positions, and the report says what was not looked at",
        arguments: [
            ("deinterlacer", "YADIF"), ("denoiser", "HQDN3D"), ("denoiser", "DENOISE"), ("frameRateConverter", "MCINTERPOLATE"),
        ])
    func besideDamage(slot: String, filter: String) async throws {
        let options = Self.options(slot, filter)
        let path = try damaged()
        await #expect(throws: MediaError.corruptFrame(28)) { try await bench.run(path, options) }
        let behind = try bench.prepare(path, options, start: 1160)
        #expect(behind.plan.frames == FrameRange(29, 60))
        #expect(behind.plan.context == nil)
        #expect(
            try await run(behind, name: "behind").warnings == [
                "frame 28 of the source, before the job's own, is damaged or another picture: filters that look at neighbouring frames have "
                    + "none there, as at the beginning of a file"
            ])
        let before = try bench.prepare(path, options, end: 1120)
        #expect(before.plan.frames == FrameRange(0, 28))
        let warnings = try await run(before, name: "before").warnings
        // HQDN3D remembers, and never looks ahead.
        #expect(warnings.isEmpty == (filter == "HQDN3D"))
        #expect(warnings.allSatisfy { $0.hasPrefix("frame 28 of the source, behind the job's own, ") })
    }

    @Test("a job whose filters do not reach the damaged frame sees its neighbours, and nothing is said")
    func farFromDamage() async throws {
        let options = Self.options("deinterlacer", "YADIF")
        let path = try damaged()
        let part = try await run(bench.prepare(path, options, start: 1280, end: 2320), name: "part")
        #expect(part.warnings.isEmpty)
        let behind = try await bench.run(bench.prepare(path, options, start: 1160), name: "behind").path
        let frame = 160 * 96 * 3 / 2
        let (left, right) = (try bench.samples(part.path, format: "yuv420p10le"), try bench.samples(behind, format: "yuv420p10le"))
        try #require(left.count == 26 * frame && right.count == 31 * frame)
        // Frames 32 to 57 of the source.
        #expect(left == Array(right[3 * frame..<29 * frame]))
    }
}
