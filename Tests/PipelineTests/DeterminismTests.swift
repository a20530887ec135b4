import Foundation
import Media
import Pipeline
import Primitives
import Testing

/// What may not depend on who runs the segments, in which order, and where the cuts are.
@Suite(.serialized) struct DeterminismTests {
    private static let restoring = #"""
        {"filters":{"scaler":"SCALE","debander":"GRADFUN","postProcessor":"FILMGRAIN"},
        "filterSettings":{"resolution":{"width":320,"height":160},"filmGrain":{"grainSize":"FINE","grainStrength":10}},
        """#

    private func source(_ bench: Bench) throws -> String {
        try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x80:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "2",
                "-c:v", "libx264", "-g", "12", "-bf", "2", "-c:a", "aac",
            ])
    }

    /// Runs the segments of a plan, `workers` at a time, the last one first where `backwards`, and assembles them.
    private func run(_ bench: Bench, _ job: Bench.Prepared, plan: JobPlan, workers: Int, backwards: Bool, name: String) async throws
        -> String
    {
        var order = Array(plan.segments.enumerated())
        if backwards { order.reverse() }
        let runner = SegmentRunner(engine: bench.engine, observer: Bench.observer)
        var outcomes: [Int: SegmentOutcome] = [:]
        try await withThrowingTaskGroup(of: (Int, SegmentOutcome).self) { group in
            var waiting = order[...]
            func start(_ group: inout ThrowingTaskGroup<(Int, SegmentOutcome), any Error>) {
                guard let (ordinal, range) = waiting.popFirst() else { return }
                let log = bench.file("\(name)-\(ordinal)")
                group.addTask {
                    let outcome = try await runner.run(
                        plan, range: range, source: job.source, index: job.index, analysis: JobAnalysis(), logPath: log
                    ) {}
                    return (ordinal, outcome)
                }
            }
            for _ in 0..<workers { start(&group) }
            while let (ordinal, outcome) = try await group.next() {
                outcomes[ordinal] = outcome
                start(&group)
            }
        }
        let rendition = try await AssemblyRunner(observer: Bench.observer).run(
            plan, source: job.source, index: job.index, segments: plan.segments.indices.map { bench.file("\(name)-\($0)") },
            outcomes: plan.segments.indices.compactMap { outcomes[$0] }, shots: nil, devices: [],
            destination: bench.file("\(name).mov")
        ) { _ in }
        #expect(rendition.report.delivery.problems.isEmpty)
        return rendition.report.sha256
    }

    @Test(
        "one worker and three, forwards and backwards: the same bytes",
        arguments: [
            #""encodingConfiguration":{"codec":"HEVC","bitrate":400000}}"#, #""encodingConfiguration":{"codec":"H264"}}"#,
            #""encodingConfiguration":{"codec":"MPEG2"}}"#, #""encodingProfile":"PRORES_422_HQ"}"#,
        ])
    func workers(encoding: String) async throws {
        let bench = try Bench()
        let job = try bench.prepare(try source(bench), Self.restoring + encoding)
        let interval = job.plan.encoder.keyframeInterval
        let segments = stride(from: 0, to: job.plan.frames.end, by: interval).map {
            FrameRange($0, min($0 + interval, job.plan.frames.end))
        }
        #expect(segments.count >= 3)
        let plan = job.plan.cut(into: segments)
        let one = try await run(bench, job, plan: plan, workers: 1, backwards: false, name: "one")
        let three = try await run(bench, job, plan: plan, workers: 3, backwards: true, name: "three")
        #expect(one == three)
    }

    @Test("cuts do not show in the pixels")
    func cuts() async throws {
        let bench = try Bench()
        let job = try bench.prepare(
            try source(bench), Self.restoring + #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:2","bitDepth":10}}}"#)
        let whole = try await run(bench, job, plan: job.plan.cut(into: [job.plan.frames]), workers: 1, backwards: false, name: "whole")
        let parts = [FrameRange(0, 1), FrameRange(1, 14), FrameRange(14, 15), FrameRange(15, 50)]
        let cutUp = try await run(bench, job, plan: job.plan.cut(into: parts), workers: 2, backwards: true, name: "cut")
        #expect(whole == cutUp)
    }

    @Test("a source that breaks in the middle fails its job with a reason")
    func damagedSource() async throws {
        let bench = try Bench()
        let path = try source(bench)
        let job = try bench.prepare(path, #"{"encodingProfile":"PRORES_422_LT"}"#)
        let url = URL(fileURLWithPath: path)
        var bytes = try Data(contentsOf: url)
        let (from, to) = (bytes.count / 3, bytes.count * 2 / 3)
        for place in from..<to { bytes[place] = UInt8(truncatingIfNeeded: place &* 2_654_435_761 >> 7) }
        try bytes.write(to: url)
        await #expect(throws: MediaError.self) { _ = try await bench.run(job) }
    }
}
