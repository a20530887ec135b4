package import GPU
import Networks
package import Picture

/// DENOISE: takes noise from a frame with the help of the two before and after it, a plane at a time.
///
/// The network measures by itself how noisy each block of 16 × 16 samples is, and changes no sample by more than six
/// times the deviation found there: where there is no noise, a frame comes back as it went in.
package final class NoiseReducer: WindowFilter {
    /// Name of the model file.
    package static let modelName = "denoise"
    package static let reach = 2
    /// Bytes of device memory that the networks of one kind of plane may take for themselves.
    private static let networkBudget = 384 << 20

    /// Network and buffers for planes of one size.
    private struct PlaneWork: Sendable {
        let size: PictureSize
        /// The size brought to whole blocks of the network, by mirroring.
        let extended: PictureSize
        let runner: NetworkRunner
        let input: Buffer
        let output: ReadBackBuffer
    }

    package let layout: FrameLayout
    private let device: Device
    private let works: PlaneWorks<PlaneWork>

    /// Loads the model and takes the memory.
    ///
    /// - Parameters:
    ///   - layout: of the frames, 8 to 16 bits.
    ///   - parts: what the share of the memory that the networks are planned for is divided by, at least 1.
    package init(layout: FrameLayout, device: Device, parts: Int = 1) async throws {
        let name = Self.modelName
        let network = try ModelLibrary.network(name)
        guard network.graph.inputs.count == 1, network.graph.inputs[0].shape.channels == Self.frameCount,
            network.graph.outputShapes.count == 1, network.graph.outputShapes[0].channels == 1
        else { throw FilterError.unsuitableModel(name: name, reason: "a denoiser takes five frames and gives one") }
        // In 32 bits, so that codes of every depth come back as they went in.
        let engine = try await NetworkEngine(network, on: device, precision: .single)
        let block = network.graph.alignment
        works = try PlaneWorks(layout) { size in
            let extended = PictureSize(width: (size.width + block - 1) / block * block, height: (size.height + block - 1) / block * block)
            let bytes = 4 * extended.width * extended.height
            let share = min(Self.networkBudget, device.memoryShare / 4) / parts
            let output = try ReadBackBuffer(byteCount: bytes, on: device, label: "clean plane")
            return PlaneWork(
                size: size, extended: extended,
                runner: try engine.plan(width: extended.width, height: extended.height, share: share),
                input: try device.makeBuffer(byteCount: Self.frameCount * bytes, memory: .upload, label: "noisy planes"), output: output)
        }
        self.layout = layout
        self.device = device
    }

    package func filter(_ window: FrameWindow) throws {
        for plane in 0..<layout.format.colorPlaneCount { try filter(plane, window) }
    }

    private func filter(_ plane: Int, _ window: FrameWindow) throws {
        let work = works[plane]
        let codes = NetworkCodes(format: layout.format)
        let samples = work.extended.width * work.extended.height
        try work.input.withBytes { input in
            let floats = input.bindMemory(to: Float.self)
            for place in 0..<Self.frameCount {
                let part = UnsafeMutableBufferPointer(rebasing: floats[(place * samples)...].prefix(samples))
                try window.read(place - Self.reach, plane) { view in
                    codes.readPlane(view, size: work.size, extended: work.extended, into: part)
                }
            }
        }
        var recorder = try device.makeRecorder()
        try work.runner.record(into: &recorder, inputs: [work.input.all], outputs: [work.output.all])
        try work.output.recordCopy(into: &recorder)
        try recorder.submit().waitBlocking()
        let rowBytes = work.size.width * layout.format.bytesPerSample
        try work.output.withFloats { floats in
            try window.write(plane) { target, bytesPerRow in
                for y in 0..<work.size.height {
                    codes.write(
                        UnsafeBufferPointer(rebasing: floats[(y * work.extended.width)...].prefix(work.size.width)),
                        into: UnsafeMutableRawBufferPointer(rebasing: target[(y * bytesPerRow)...].prefix(rowBytes)))
                }
            }
        }
    }
}
