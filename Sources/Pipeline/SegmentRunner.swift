package import ColorScience
package import Filters
import GPU
import Lanes
package import Media
package import Primitives
import Synchronization
package import Telemetry

/// What one segment left behind.
package struct SegmentOutcome: Codable, Hashable, Sendable {
    package let frameCount: Int
    package let byteCount: Int
    package let crc32c: UInt32
    /// Light levels of the coded values; nil for an SDR output.
    package let light: LightLevelMeter?
    /// Seconds of GPU time by stage, for the benchmark and the report's cost; they never reach the rendition.
    package let stageSeconds: [String: Double]

    package init(frameCount: Int, byteCount: Int, crc32c: UInt32, light: LightLevelMeter?, stageSeconds: [String: Double]) {
        self.frameCount = frameCount
        self.byteCount = byteCount
        self.crc32c = crc32c
        self.light = light
        self.stageSeconds = stageSeconds
    }
}

/// Decodes, processes and encodes one segment: three lanes joined by two bounded conduits, so that the codec, the device
/// and the encoder work at the same time on different frames.
package struct SegmentRunner: Sendable {
    /// Frames that may wait between two lanes.
    private static let conduitDepth = 3

    private let engine: Engine
    private let observer: Observer

    package init(engine: Engine, observer: Observer) {
        self.engine = engine
        self.observer = observer
    }

    /// - Parameters:
    ///   - range: one of the plan's segments.
    ///   - conditions: the analysis of the whole job; needed when the program says so.
    ///   - logPath: a temporary path for the packet log; the caller publishes it.
    ///   - frameDone: called on the encoder's lane after each encoded frame.
    package func run(
        _ plan: JobPlan, range: FrameRange, source: String, index: FrameIndex, conditions: ShotConditions?, logPath: String,
        frameDone: @escaping @Sendable () -> Void
    ) async throws -> SegmentOutcome {
        guard !plan.program.needsConditions || conditions != nil else { throw PipelineError.conditionsMissing }
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let decoded = Conduit<Frame>(depth: Self.conduitDepth)
        let processed = Conduit<Frame>(depth: Self.conduitDepth)
        let failure = FirstFailure()
        let stop: @Sendable (any Error) -> Void = { error in
            failure.record(error)
            decoded.fail(error)
            processed.fail(error)
        }

        let engine = self.engine
        let decodeLane = SerialLane(label: "remaster.decode")
        let encodeLane = SerialLane(label: "remaster.encode")
        let device = DeviceLane()

        return try await withTaskCancellationHandler {
            async let reading: Void = decodeLane.run {
                do {
                    let reader = try FrameReader(path: source, index: index, range: range, context: context)
                    while let frame = try reader.next() {
                        guard decoded.send(frame) else { break }
                    }
                    decoded.finish()
                } catch { stop(error) }
            }
            async let processing: DeviceLane.Outcome? = device.run(stop: stop) { lane in
                try await engine.withProcessor(for: plan.program) { processor in
                    try await lane.process(
                        decoded, into: processed, plan: plan, index: index, conditions: conditions, processor: processor, engine: engine)
                }
            }
            async let writing: PacketLogSummary? = encodeLane.run {
                do {
                    let encoder = try VideoEncoder(plan.encoder, context: context)
                    let log = try PacketLogWriter(path: logPath, parameters: encoder.parameters)
                    while let frame = try processed.receive() {
                        try encoder.encode(frame, to: log)
                        frameDone()
                    }
                    try encoder.finish(to: log)
                    return try log.finish()
                } catch {
                    stop(error)
                    return nil
                }
            }
            let (_, device, summary) = try await (reading, processing, writing)
            if let error = failure.first { throw error }
            try Task.checkCancellation()
            guard let device, let summary else { throw CancellationError() }
            guard summary.frameCount == range.count else {
                throw PipelineError.frameCount(range: range, delivered: summary.frameCount)
            }
            return SegmentOutcome(
                frameCount: summary.frameCount, byteCount: Int(summary.byteCount), crc32c: summary.crc32c, light: device.light,
                stageSeconds: device.stageSeconds)
        } onCancel: {
            interrupt.cancel()
            stop(CancellationError())
        }
    }
}
