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

    /// What one program of the device does in a job.
    struct Work: Sendable {
        let program: PictureProgram
        /// Of the frames that come out.
        let layout: FrameLayout
        /// Clockwise quarter turns that bring the frames that come in upright.
        let turns: Int
        /// Whether left and right are exchanged before that turn.
        let mirrored: Bool
    }

    /// Runs the frames of `source` through a program and hands them on, each with its number in `index`.
    ///
    /// - Throws: `PipelineError.planContradiction` where the frames are not those that the program takes, or gives.
    func process(
        _ source: Conduit<Frame>, into target: Conduit<Frame>, _ work: Work, processor: PictureProcessor, looks: ShotLooks?
    ) async throws -> Outcome {
        let input = work.program.request.input.planeLayouts
        let output = work.program.request.output.planeLayouts
        try FrameUpload.check(work.layout, against: work.program.request.output, turns: 0)
        let pool = try FramePool(layout: work.layout)
        let before = processor.stageTimes
        var looks = looks
        var meter: LightLevelMeter?
        var inFlight: [(ticket: PictureTicket, number: Int)] = []

        func deliver(_ item: (ticket: PictureTicket, number: Int)) async throws -> (isTaken: Bool, light: FrameLightLevel?) {
            var frame = try pool.frame()
            let light = try await processor.finish(item.ticket) { bytes, light in
                for (plane, layout) in output.enumerated() {
                    let rows = UnsafeRawBufferPointer(rebasing: bytes[layout.offset..<layout.offset + layout.bytesPerRow * layout.height])
                    frame.fillPlane(plane, from: rows, bytesPerRow: layout.bytesPerRow)
                }
                return light
            }
            frame.index = item.number
            return (target.send(frame), light)
        }

        receiving: while let frame = try source.receive() {
            try Task.checkCancellation()
            try FrameUpload.check(frame.layout, against: work.program.request.input, turns: work.turns)
            if inFlight.count == Self.depth {
                let (isTaken, light) = try await deliver(inFlight.removeFirst())
                meter.add(light)
                guard isTaken else { break receiving }
            }
            let number = frame.index
            let look = try looks?.look(at: number)
            let ticket = try await processor.submit(frameIndex: number, look: look) { bytes in
                FrameUpload.copy(frame, layouts: input, turns: work.turns, mirrored: work.mirrored, into: bytes)
            }
            inFlight.append((ticket, number))
        }
        for item in inFlight {
            let (isTaken, light) = try await deliver(item)
            meter.add(light)
            guard isTaken else { break }
        }
        target.finish()
        return Outcome(light: meter, stageSeconds: processor.stageTimes.seconds(since: before))
    }
}

extension LightLevelMeter? {
    /// Adds a frame's levels; there is a meter from the first one on.
    fileprivate mutating func add(_ level: FrameLightLevel?) {
        guard let level else { return }
        var meter = self ?? LightLevelMeter()
        meter.add(level)
        self = meter
    }
}
