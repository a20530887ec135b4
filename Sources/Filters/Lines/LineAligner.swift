package import GPU
import Networks
package import Picture

/// DEJIT: brings the lines of a frame back to where they belong, which a tape player with an unsteady time base left
/// shifted sideways one by one.
///
/// Lines are compared on the device with those below and with the same ones of eight other frames, each first aligned as a
/// whole; a network along the lines turns what is found into each line's place; all planes are resampled by it. Where lines
/// that can be told lie less than a quarter sample (deviation) from their neighbours, or from themselves in other frames,
/// there is no jitter, and a frame comes back to the bit; so does a picture too small to tell.
package final class LineAligner: WindowFilter {
    /// Name of the model file.
    package static let modelName = "dejit"
    package static let reach = 4
    /// Samples and lines that a picture needs at least.
    private static let smallest = PictureSize(width: 4 * LineShifts.reach, height: 16)

    package let layout: FrameLayout
    private let device: Device
    /// Nil for pictures too small to tell.
    private let work: Work?

    /// Kernels and buffers.
    private struct Work: Sendable {
        let runner: NetworkRunner
        /// Lines of luma, brought to whole steps of the network.
        let lines: Int
        let comparer: LineComparer
        let place: ComputePipeline
        let plane: Buffer
        let evidence: Buffer
        let places: ReadBackBuffer
        let taps: Buffer
        let moved: ReadBackBuffer
    }

    /// Loads the model and takes the memory.
    package init(layout: FrameLayout, device: Device) async throws {
        self.layout = layout
        self.device = device
        let size = layout.planeSize(0)
        guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else {
            work = nil
            return
        }
        let name = Self.modelName
        let network = try ModelLibrary.network(name)
        guard network.graph.inputs.count == 1, network.graph.inputs[0].shape.channels == LineEvidence.channels,
            network.graph.outputShapes.count == 1, network.graph.outputShapes[0].channels == 1
        else { throw FilterError.unsuitableModel(name: name, reason: "it takes \(LineEvidence.channels) numbers a line and gives one") }
        let engine = try await NetworkEngine(network, on: device, precision: .single)
        let step = network.graph.alignment
        let lines = (size.height + step - 1) / step * step
        let samples = size.width * size.height
        work = Work(
            runner: try engine.plan(width: 1, height: lines, share: device.memoryShare / 4), lines: lines,
            comparer: try LineComparer(size: size, device: device),
            place: try device.pipeline(.linePlace, workgroup: WorkgroupSize(8, 4)),
            plane: try device.makeBuffer(byteCount: 4 * samples, memory: .upload, label: "lines"),
            evidence: try device.makeBuffer(byteCount: 4 * LineEvidence.channels * lines, memory: .upload, label: "line evidence"),
            places: try ReadBackBuffer(byteCount: 4 * lines, on: device, label: "line places"),
            taps: try device.makeBuffer(byteCount: 4 * LineTaps.numbersPerLine * size.height, memory: .upload, label: "line taps"),
            moved: try ReadBackBuffer(byteCount: 4 * samples, on: device, label: "moved lines"))
    }

    package func filter(_ window: FrameWindow) throws {
        guard let work, let places = try places(of: window, work) else {
            for plane in 0..<layout.format.colorPlaneCount { try copy(plane, window) }
            return
        }
        for plane in 0..<layout.format.colorPlaneCount { try move(plane, by: places, window, work) }
    }

    /// How far to the right of where it belongs each line of the middle frame lies, in samples of the first plane; nil
    /// where there is no jitter.
    package func places(of window: FrameWindow) throws -> [Float]? { try work.flatMap { try places(of: window, $0) } }

    private func places(of window: FrameWindow, _ work: Work) throws -> [Float]? {
        let evidence = try work.comparer.evidence(of: window, layout)
        guard evidence.unsteadiness >= LineEvidence.faintest else { return nil }
        return try places(from: evidence, height: layout.planeSize(0).height, work)
    }

    private func places(from evidence: LineEvidence, height: Int, _ work: Work) throws -> [Float] {
        try work.evidence.withBytes { bytes in
            _ = bytes.bindMemory(to: Float.self).update(fromContentsOf: evidence.channels(lines: work.lines))
        }
        var recorder = try device.makeRecorder()
        try work.runner.record(into: &recorder, inputs: [work.evidence.all], outputs: [work.places.all])
        try work.places.recordCopy(into: &recorder)
        try recorder.submit().waitBlocking()
        let found = try work.places.withFloats { Array($0.prefix(height)) }
        // A shift of the whole picture is none of the lines' own.
        let mean = Float(found.reduce(0.0) { $0 + Double($1) } / Double(height))
        let most = Float(LineShifts.reach)
        return found.map { min(max(($0 - mean) * evidence.deviation, -most), most) }
    }

    private func move(_ plane: Int, by places: [Float], _ window: FrameWindow, _ work: Work) throws {
        let size = layout.planeSize(plane)
        let samples = size.width * size.height
        let codes = NetworkCodes(format: layout.format, scale: 1, offset: 0)
        let taps = LineTaps(places: places, height: size.height, ratio: Double(size.width) / Double(layout.planeSize(0).width))
        try work.plane.withBytes { bytes in
            let part = UnsafeMutableBufferPointer(rebasing: bytes.bindMemory(to: Float.self).prefix(samples))
            try window.read(0, plane) { codes.readPlane($0, size: size, extended: size, into: part) }
        }
        try work.taps.withBytes { bytes in _ = bytes.bindMemory(to: Float.self).update(fromContentsOf: taps.numbers) }
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            work.place, [work.plane.all, work.taps.all, work.moved.all],
            push: LinePlaceParameters(width: size.width, height: size.height), invocations: (size.width, size.height, 1))
        try work.moved.recordCopy(into: &recorder)
        try recorder.submit().waitBlocking()
        try work.moved.withFloats { floats in
            try window.write(plane) { target, bytesPerRow in
                for y in 0..<size.height {
                    codes.write(
                        UnsafeBufferPointer(rebasing: floats[(y * size.width)...].prefix(size.width)),
                        into: UnsafeMutableRawBufferPointer(rebasing: target[(y * bytesPerRow)...].prefix(layout.rowBytes(plane))))
                }
            }
        }
    }

    private func copy(_ plane: Int, _ window: FrameWindow) throws {
        let (rowBytes, height) = (layout.rowBytes(plane), layout.planeSize(plane).height)
        try window.read(0, plane) { source in
            try window.write(plane) { target, bytesPerRow in
                for y in 0..<height {
                    UnsafeMutableRawBufferPointer(rebasing: target[(y * bytesPerRow)...].prefix(rowBytes)).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source.bytes[(y * source.bytesPerRow)...].prefix(rowBytes)))
                }
            }
        }
    }
}
