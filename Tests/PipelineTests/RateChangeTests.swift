import Foundation
import Pipeline
import Primitives
import Testing

/// Which frame of the source a frame at another rate shows: a shot's mapping goes by it.
@Suite(.serialized) struct RateChangeTests {
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#

    @Test(
        "behind a change of rate a frame counts to the shot that its picture is of",
        arguments: ["FPS", "FBLEND", "MCINTERPOLATE"], ["VIDEO_HD_FAST", "VIDEO_PAL_FAST", "VIDEO_NTSC"])
    func shots(filter: String, tag: String) async throws {
        let bench = try Bench()
        // Three shots: dark, bright, dark.
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=96x64:rate=25,format=yuv420p,geq=lum='if(between(N,7,13),200,40)':cb=128:cr=128",
                "-frames:v", "20", "-c:v", "ffv1", "-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace",
                "bt709", "-color_range", "tv",
            ])
        let job = try bench.prepare(
            source, #"{"filters":{"frameRateConverter":"\#(filter)"},"filterSettings":{"frameRate":{"tag":"\#(tag)"}},\#(Self.ffv1)}"#)
        let path = try await bench.run(job).path
        let samples = try bench.samples(path, format: "yuv420p10le")
        let size = 96 * 64 * 3 / 2
        #expect(samples.count == job.plan.outputFrames.count * size)
        for number in 0..<min(job.plan.outputFrames.count, samples.count / size) {
            let isBright = samples[number * size + 96 * 32 + 48] > 480
            #expect((7...13).contains(job.plan.sourceFrame(of: number, job.index)) == isBright, "frame \(number)")
        }
    }

    @Test("a deinterlacer's two pictures count to the frame they come from, behind a change of rate too")
    func doubled() throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov", ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "30", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        func plan(_ filters: String, _ rate: String = "") throws -> Bench.Prepared {
            try bench.prepare(
                source,
                #"{"filters":{"deinterlacer":"BWDIF"\#(filters)},"filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST"\#(rate)},\#(Self.ffv1)}"#,
                start: 80)
        }
        let fields = try plan("")
        #expect(fields.plan.outputFrames.start == 4)
        #expect((4..<8).map { fields.plan.sourceFrame(of: $0, fields.index) } == [2, 2, 3, 3])
        let picked = try plan(#","frameRateConverter":"FPS""#, #","frameRate":{"tag":"VIDEO_PAL"}"#)
        #expect((0..<4).map { picked.plan.sourceFrame(of: $0, picked.index) } == [2, 3, 4, 5])
    }
}
