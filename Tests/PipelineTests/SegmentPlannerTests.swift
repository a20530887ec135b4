import Pipeline
import Primitives
import Testing

@Suite struct SegmentPlannerTests {
    @Test("segments cover every frame once, in order", arguments: [1, 11, 12, 13, 100, 1001])
    func cover(count: Int) {
        let frames = FrameRange(7, 7 + count)
        let segments = SegmentPlanner(frameRate: 25, pixelsPerFrame: 3840 * 2160).segments(of: frames)
        #expect(segments.first?.start == frames.start)
        #expect(segments.last?.end == frames.end)
        for (left, right) in zip(segments, segments.dropFirst()) { #expect(left.end == right.start) }
        #expect(segments.allSatisfy { !$0.isEmpty })
    }

    @Test(
        "a GOP is half a second, a segment as many as fit the pixel budget",
        arguments: [
            (25.0, 3840 * 2160, 13, 13), (24000 / 1001.0, 3840 * 2160, 12, 12), (50.0, 1920 * 1080, 25, 25), (25.0, 1280 * 720, 13, 104),
            (0.4, 64, 1, 1_562_500),
        ])
    func sizes(rate: Double, pixels: Int, interval: Int, frames: Int) {
        let planner = SegmentPlanner(frameRate: rate, pixelsPerFrame: pixels)
        #expect(planner.keyframeInterval == interval)
        #expect(planner.framesPerSegment == frames)
    }
}

@Suite struct ProgressEstimateTests {
    @Test("frames of an earlier run count as progress, not as speed")
    func resumed() {
        var estimate = ProgressEstimate(total: 100, doneBefore: 50)
        #expect(estimate.fraction == 0.5)
        #expect(estimate.remaining(after: .seconds(3)) == nil)
        estimate.add(frames: 10)
        #expect(estimate.remaining(after: .seconds(10)) == .seconds(40))
    }

    @Test("nothing to do is done")
    func empty() {
        #expect(ProgressEstimate(total: 0).fraction == 1)
    }
}
