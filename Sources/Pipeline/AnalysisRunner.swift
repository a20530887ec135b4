import Filters
import Lanes
package import Media
import Picture
import Primitives
package import Telemetry

/// Looks at a job's whole range before its segments run: shots and their conditions (docs/decisions/0002).
package struct AnalysisRunner: Sendable {
    private let engine: Engine
    private let observer: Observer

    package init(engine: Engine, observer: Observer) {
        self.engine = engine
        self.observer = observer
    }

    /// Everything the plan's segments need to know of the whole; empty when they need nothing.
    package func run(
        _ plan: JobPlan, source: String, index: FrameIndex, frameDone: @escaping @Sendable () -> Void
    ) async throws -> JobAnalysis {
        var analysis = JobAnalysis()
        if plan.needsFieldOrder {
            analysis.fieldOrder = try await fieldOrder(plan, source: source, index: index)
        }
        if plan.program.needsConditions {
            analysis.conditions = try await conditions(plan, source: source, index: index, frameDone: frameDone)
        }
        return analysis
    }

    private func fieldOrder(_ plan: JobPlan, source: String, index: FrameIndex) async throws -> FieldOrder? {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        return try await withTaskCancellationHandler {
            try await SerialLane(label: "remaster.fields").run {
                try FieldAnalysis.run(source, index: index, frames: plan.frames, context: context).fieldOrder
            }
        } onCancel: {
            interrupt.cancel()
        }
    }

    private func conditions(
        _ plan: JobPlan, source: String, index: FrameIndex, frameDone: @escaping @Sendable () -> Void
    ) async throws -> ShotConditions {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let program = plan.examined ?? plan.program
        let input = program.request.input
        let thumbnails = Conduit<Thumbnail>(depth: 8)
        let failure = FirstFailure()
        let stop: @Sendable (any Error) -> Void = { error in
            failure.record(error)
            thumbnails.fail(error)
        }
        let decodeLane = SerialLane(label: "remaster.analysis.decode")
        let lane = AnalysisLane()
        let engine = self.engine

        return try await withTaskCancellationHandler {
            async let reading: Void = decodeLane.run {
                do {
                    let reader = try FrameReader(
                        path: source, index: index, range: plan.frames, look: plan.source.look, context: context)
                    try FrameUpload.check(reader.layout, against: input, turns: plan.source.quarterTurns)
                    let thumbnailer = try Thumbnailer(program, mapped: plan.mappedForAnalysis)
                    let layouts = input.planeLayouts
                    let upload = UnsafeMutableRawBufferPointer.allocate(byteCount: input.byteCount, alignment: 64)
                    defer { upload.deallocate() }
                    while let frame = try reader.next() {
                        FrameUpload.copy(
                            frame, layouts: layouts, turns: plan.source.quarterTurns, mirrored: plan.source.isMirrored == true, into: upload
                        )
                        guard thumbnails.send(thumbnailer.thumbnail(UnsafeRawBufferPointer(upload))) else { break }
                        frameDone()
                    }
                    thumbnails.finish()
                } catch { stop(error) }
            }
            async let conditions: ShotConditions? = lane.run(
                thumbnails, firstFrame: plan.frames.start, engine: engine, stop: stop)
            let (_, result) = try await (reading, conditions)
            if let error = failure.first { throw error }
            try Task.checkCancellation()
            guard let result else { throw CancellationError() }
            return result
        } onCancel: {
            interrupt.cancel()
            stop(CancellationError())
        }
    }
}

/// Takes thumbnails in frame order; an actor on a lane of its own, because it waits on the conduit.
private actor AnalysisLane {
    private let lane = SerialLane(label: "remaster.analysis")
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    func run(
        _ thumbnails: Conduit<Thumbnail>, firstFrame: Int, engine: Engine, stop: @Sendable (any Error) -> Void
    ) async -> ShotConditions? {
        do {
            var analysis = try engine.infiniteHDR().analysis(firstFrame: firstFrame)
            while let thumbnail = try thumbnails.receive() { try analysis.add(thumbnail) }
            return analysis.finish()
        } catch {
            stop(error)
            return nil
        }
    }
}
