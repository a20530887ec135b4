import ColorScience
import Filters
import Lanes
import Media
import Picture
import Primitives

/// Feeds the device: takes decoded frames, keeps two in flight, hands the results on in order.
///
/// An actor on a lane of its own, because it waits on conduits.
actor DeviceLane {
    struct Outcome: Sendable {
        let light: LightLevelMeter?
        let stageSeconds: [String: Double]
    }

    /// Frames on the device at once: one is uploaded or downloaded while the other is worked on.
    private static let depth = 2

    private let lane = SerialLane(label: "remaster.device")
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// Runs `work` here and brings the neighbours down with the first error.
    func run(
        stop: @Sendable (any Error) -> Void, _ work: @Sendable (isolated DeviceLane) async throws -> Outcome
    ) async -> Outcome? {
        do {
            return try await work(self)
        } catch {
            stop(error)
            return nil
        }
    }

    private struct InFlight {
        let ticket: PictureTicket
        let presentationTime: Int64
        let duration: Int64
    }

    func process(
        _ decoded: Conduit<Frame>, into processed: Conduit<Frame>, plan: JobPlan, index: FrameIndex, conditions: ShotConditions?,
        processor: PictureProcessor, engine: Engine
    ) async throws -> Outcome {
        let input = plan.program.request.input.planeLayouts
        let output = plan.program.request.output.planeLayouts
        let pool = try FramePool(layout: plan.encoder.layout)
        let origin = index.time(plan.frames.start).value
        let before = processor.stageTimes
        var looks = ShotLooks(plan: plan, conditions: conditions, engine: engine)
        var meter: LightLevelMeter?
        var inFlight: [InFlight] = []

        func deliver(_ item: InFlight) async throws -> Bool {
            var frame = try pool.frame()
            let light = try await processor.finish(item.ticket) { bytes, light in
                for (plane, layout) in output.enumerated() {
                    let rows = UnsafeRawBufferPointer(rebasing: bytes[layout.offset..<layout.offset + layout.bytesPerRow * layout.height])
                    frame.fillPlane(plane, from: rows, bytesPerRow: layout.bytesPerRow)
                }
                return light
            }
            if let light {
                if meter == nil { meter = LightLevelMeter() }
                meter?.add(light)
            }
            frame.presentationTime = item.presentationTime
            frame.duration = item.duration
            return processed.send(frame)
        }

        receiving: while let frame = try decoded.receive() {
            try Task.checkCancellation()
            if inFlight.count == Self.depth {
                guard try await deliver(inFlight.removeFirst()) else { break receiving }
            }
            let look = try looks.look(at: frame.index)
            let ticket = try await processor.submit(frameIndex: frame.index, look: look) { bytes in
                FrameUpload.copy(frame, layouts: input, turns: plan.source.quarterTurns, into: bytes)
            }
            inFlight.append(
                InFlight(
                    ticket: ticket, presentationTime: index.time(frame.index).value - origin, duration: index.duration(of: frame.index)))
        }
        for item in inFlight {
            guard try await deliver(item) else { break }
        }
        processed.finish()
        return Outcome(light: meter, stageSeconds: processor.stageTimes.seconds(since: before))
    }
}
