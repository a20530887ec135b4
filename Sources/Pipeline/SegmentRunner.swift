package import ColorScience
import Domain
import Filters
import Lanes
package import Media
package import Primitives
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
    /// What the source's frames carry beside their samples; nil for nothing.
    package let notes: SourceNotes?

    package init(
        frameCount: Int, byteCount: Int, crc32c: UInt32, light: LightLevelMeter?, stageSeconds: [String: Double], notes: SourceNotes? = nil
    ) {
        self.frameCount = frameCount
        self.byteCount = byteCount
        self.crc32c = crc32c
        self.light = light
        self.stageSeconds = stageSeconds
        self.notes = notes
    }
}

/// Decodes, processes and encodes one segment: a lane for each step, joined by bounded conduits, so that the codec, the
/// filters, the device and the encoder work at the same time on different frames.
package struct SegmentRunner: Sendable {
    private let engine: Engine
    private let observer: Observer

    package init(engine: Engine, observer: Observer) {
        self.engine = engine
        self.observer = observer
    }

    /// Nil where frames stay as they are.
    private static func weaver(_ plan: JobPlan, _ context: MediaContext) throws -> FieldWeaver? {
        guard case .woven(let order) = plan.recipe.scan else { return nil }
        return try FieldWeaver(plan.encoder.layout, order: order, context: context)
    }

    /// - Parameters:
    ///   - range: one of the plan's segments, in the numbers of its grid.
    ///   - analysis: of the whole job; needed when the plan says so.
    ///   - logPath: a temporary path for the packet log; the caller publishes it.
    ///   - frameSeen: shown each finished frame before it is encoded, on the encoder's lane.
    ///   - frameDone: called on the encoder's lane after each encoded frame.
    package func run(
        _ plan: JobPlan, range: FrameRange, source: String, index: FrameIndex, analysis: JobAnalysis, logPath: String,
        frameSeen: (@Sendable (borrowing Frame) throws -> Void)? = nil, frameDone: @escaping @Sendable () -> Void
    ) async throws -> SegmentOutcome {
        guard !plan.program.needsConditions || analysis.conditions != nil else { throw PipelineError.conditionsMissing }
        let surroundings = try await Surroundings.find(plan, for: range, source: source, index: index, observer: observer)
        let interrupt = MediaInterrupt()
        let run = SegmentRun(
            plan: plan, range: range, source: source, index: index, surroundings: surroundings, analysis: analysis, engine: engine,
            context: MediaContext(interrupt: interrupt, observer: observer))
        return try await withTaskCancellationHandler {
            let context = MediaContext(interrupt: interrupt, observer: observer)
            let (device, summary) = try await run.finish { frames in
                let encoder = try VideoEncoder(plan.encoder, context: context)
                let log = try PacketLogWriter(path: logPath, parameters: encoder.parameters)
                let weaver = try Self.weaver(plan, context)
                func code(_ frame: consuming Frame) throws {
                    try frameSeen?(frame)
                    try encoder.encode(frame, to: log)
                }
                while var frame = try frames.receive() {
                    run.place(&frame)
                    if let weaver { try weaver.push(frame, emit: code) } else { try code(frame) }
                    frameDone()
                }
                try weaver?.finish(emit: code)
                try encoder.finish(to: log)
                return try log.finish()
            }
            guard summary.frameCount == plan.codedFrames(in: range) else {
                throw PipelineError.frameCount(range: range, delivered: summary.frameCount)
            }
            return SegmentOutcome(
                frameCount: summary.frameCount, byteCount: Int(summary.byteCount), crc32c: summary.crc32c, light: device.light,
                stageSeconds: device.stageSeconds, notes: run.notes.isEmpty ? nil : run.notes)
        } onCancel: {
            interrupt.cancel()
            run.stop(CancellationError())
        }
    }
}
