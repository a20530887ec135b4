import GPU
import Picture
import Synchronization

/// Compares lines on the device: of each frame with those below, once for all the windows that it stands in, and of a
/// window's middle frame with those of the others, which are first aligned as a whole.
final class LineComparer: Sendable {
    /// What is known of a frame in a place of the stack of slopes.
    private struct Slot: Sendable {
        /// Nil: none yet.
        var number: Int?
        var inside: [LineShifts] = []
        var projections: FrameProjections?
    }

    private let device: Device
    private let size: PictureSize
    private let slope: ComputePipeline
    private let cost: ComputePipeline
    private let luma: Buffer
    private let slopes: Buffer
    private let costs: ReadBackBuffer
    private let slots = Mutex([Slot](repeating: Slot(), count: LineAligner.frameCount))

    private static let frames = LineAligner.frameCount

    /// Takes the memory for luma of `size`.
    init(size: PictureSize, device: Device) throws {
        self.device = device
        self.size = size
        slope = try device.pipeline(.lineSlope, workgroup: WorkgroupSize(8, 4))
        cost = try device.pipeline(.lineCost, workgroup: WorkgroupSize(8, 4))
        let bytes = 4 * size.width * size.height
        // Not for uploads: `measure` reads back what it writes.
        luma = try device.makeBuffer(byteCount: bytes, memory: .download, label: "luma")
        slopes = try device.makeBuffer(byteCount: Self.frames * bytes, label: "line slopes")
        let most = max(LineEvidence.steps.count, Self.frames - 1) * LineShifts.places * size.height
        costs = try ReadBackBuffer(byteCount: 4 * most, on: device, label: "line costs")
    }

    /// What the lines of a window's frames tell. One window at a time.
    func evidence(of window: FrameWindow, _ layout: FrameLayout) throws -> LineEvidence {
        try slots.withLock { slots in
            let places = try place(window, layout, &slots)
            let middle = places[LineAligner.reach]
            var inside: [[LineShifts]] = []
            var offsets: [FrameOffset] = []
            for place in places {
                guard let own = slots[place].projections, let reference = slots[middle].projections else {
                    preconditionFailure("every frame of a window has been measured")
                }
                let offset = place == middle ? FrameOffset(down: 0, across: 0) : own.offset(from: reference)
                offsets.append(offset)
                inside.append(slots[place].inside.map { $0.moved(by: offset.down) })
            }
            let others = (0..<Self.frames).filter { $0 != LineAligner.reach }
            let across = try compare(others.map { (first: middle, second: places[$0], offset: offsets[$0]) })
            return LineEvidence(inside: inside, across: across, height: size.height)
        }
    }

    /// Brings the frames of a window into slots: which slot each has.
    private func place(_ window: FrameWindow, _ layout: FrameLayout, _ slots: inout [Slot]) throws -> [Int] {
        let offsets = Array(-LineAligner.reach...LineAligner.reach)
        let numbers = offsets.map(window.number)
        return try offsets.map { offset in
            let number = window.number(offset)
            if let known = slots.firstIndex(where: { $0.number == number }) { return known }
            // As many slots as frames: one holds none that this window shows.
            guard let free = slots.firstIndex(where: { slot in slot.number.map { !numbers.contains($0) } ?? true }) else {
                preconditionFailure("a window shows no more frames than there are slots")
            }
            // Not known again until it is measured.
            slots[free].number = nil
            slots[free] = try measure(window, offset, layout, into: free)
            slots[free].number = number
            return free
        }
    }

    /// Measures a frame, whose slopes stay in its slot.
    private func measure(_ window: FrameWindow, _ offset: Int, _ layout: FrameLayout, into slot: Int) throws -> Slot {
        let codes = NetworkCodes(format: layout.format, scale: 1, offset: 0)
        let projections = try luma.withBytes { bytes in
            let floats = bytes.bindMemory(to: Float.self)
            try window.read(offset, 0) { codes.readPlane($0, size: size, extended: size, into: floats) }
            return FrameProjections(luma: UnsafeBufferPointer(floats), width: size.width, height: size.height)
        }
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            slope, [luma.all, slopes.all],
            push: LineSlopeParameters(width: size.width, lines: size.height, target: slot * size.height),
            invocations: (size.width, size.height, 1))
        try recorder.submit().waitBlocking()
        let inside = try compare(
            LineEvidence.steps.map { (first: slot, second: slot, offset: FrameOffset(down: $0, across: 0)) })
        return Slot(number: nil, inside: inside, projections: projections)
    }

    /// Compares the lines of slots with those of others.
    private func compare(_ pairs: [(first: Int, second: Int, offset: FrameOffset)]) throws -> [LineShifts] {
        let each = LineShifts.places * size.height
        var recorder = try device.makeRecorder()
        for (number, pair) in pairs.enumerated() {
            try recorder.dispatch(
                cost, [slopes.all, costs.all],
                push: LineCostParameters(size: size, first: pair.first, second: pair.second, offset: pair.offset, target: number * each),
                invocations: (LineShifts.places, size.height, 1))
        }
        try costs.recordCopy(into: &recorder)
        try recorder.submit().waitBlocking()
        return try costs.withFloats { floats in
            pairs.enumerated().map { number, pair in
                LineShifts(
                    costs: UnsafeBufferPointer(rebasing: floats[(number * each)...].prefix(each)), height: size.height,
                    samples: size.width - abs(pair.offset.across) - 2 * LineShifts.reach, down: pair.offset.down)
            }
        }
    }
}
