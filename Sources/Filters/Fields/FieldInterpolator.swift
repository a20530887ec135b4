package import GPU
import Networks
package import Picture

/// DEINT: gives every field of interlaced frames the lines it lacks, so that each frame becomes two.
///
/// The network sees the field and the two before and after it, a plane at a time. Lines that exist are kept to the bit;
/// where nothing moves the missing ones are those of the neighbouring fields, to the bit as well. The caller keeps frames
/// in their order, and asks for one picture at a time.
package final class FieldInterpolator: Sendable {
    /// Name of the model file.
    package static let modelName = "deint"
    /// Fields that one result is made of: two before, the field itself, two after.
    package static let fieldCount = 5
    /// Bytes of device memory that the networks of one kind of plane may take for themselves.
    private static let networkBudget = 384 << 20

    /// Networks and buffers for planes of one size.
    private struct PlaneWork: Sendable {
        let size: PictureSize
        let lines: Int
        let even: NetworkRunner
        let odd: NetworkRunner
        let input: Buffer
        let output: ReadBackBuffer
    }

    package let layout: FrameLayout
    private let topFirst: Bool
    private let device: Device
    private let works: PlaneWorks<PlaneWork>

    /// Loads the model and takes the memory.
    ///
    /// - Parameters:
    ///   - layout: of the frames, 8 to 16 bits.
    ///   - topFirst: whether the even lines of a frame are the earlier ones.
    ///   - parts: what the share of the memory that the networks are planned for is divided by, at least 1.
    package init(layout: FrameLayout, topFirst: Bool, device: Device, parts: Int = 1) async throws {
        let name = Self.modelName
        var engines: [NetworkEngine] = []
        for key in ["graph", "graph.odd"] {
            let network = try ModelLibrary.network(name, graph: key)
            guard network.graph.inputs.count == 1, network.graph.inputs[0].shape.channels == Self.fieldCount,
                network.graph.outputShapes.count == 1, network.graph.outputShapes[0].channels == 1
            else { throw FilterError.unsuitableModel(name: name, reason: "a deinterlacer takes five fields and gives one") }
            // In 32 bits, so that codes of every depth come back as they went in.
            engines.append(try await NetworkEngine(network, on: device, precision: .single))
        }
        works = try PlaneWorks(layout) { size in
            let lines = (size.height + 1) / 2
            let bytes = 4 * size.width * lines
            let share = min(Self.networkBudget, device.memoryShare / 4) / parts
            let output = try ReadBackBuffer(byteCount: bytes, on: device, label: "missing lines")
            return PlaneWork(
                size: size, lines: lines, even: try engines[0].plan(width: size.width, height: lines, share: share),
                odd: try engines[1].plan(width: size.width, height: lines, share: share),
                input: try device.makeBuffer(byteCount: Self.fieldCount * bytes, memory: .upload, label: "fields"), output: output)
        }
        self.layout = layout
        self.topFirst = topFirst
        self.device = device
    }

    /// Whether the field of an instant (two a frame, from 0) holds the even lines.
    package func holdsEvenLines(_ instant: Int) -> Bool { (instant % 2 == 0) == topFirst }

    /// Makes the picture of one field, a plane of it; blocks until the device is done.
    ///
    /// - Parameters:
    ///   - instant: number of the field; its parity counts.
    ///   - target: a plane laid out as the caller likes; every sample is written.
    ///   - frame: lends the plane of the frame that holds a field; called for offsets −2…2 from the instant.
    package func interpolate(
        plane: Int, instant: Int, into target: UnsafeMutableRawBufferPointer, bytesPerRow: Int,
        frame: (_ offset: Int, _ read: (PlaneView) -> Void) throws -> Void
    ) throws {
        let work = works[plane]
        let isEven = holdsEvenLines(instant)
        let codes = NetworkCodes(format: layout.format)
        try work.input.withBytes { input in
            let floats = input.bindMemory(to: Float.self)
            for place in 0..<Self.fieldCount {
                // Fields two apart have the same parity as the instant's.
                let first = (place % 2 == 0) == isEven ? 0 : 1
                let part = UnsafeMutableBufferPointer(rebasing: floats[(place * work.size.width * work.lines)...])
                try frame(place - Self.fieldCount / 2) { view in
                    codes.readField(view, size: work.size, from: first, lines: work.lines, into: part)
                }
            }
        }
        var recorder = try device.makeRecorder()
        try (isEven ? work.even : work.odd).record(into: &recorder, inputs: [work.input.all], outputs: [work.output.all])
        try work.output.recordCopy(into: &recorder)
        try recorder.submit().waitBlocking()
        let rowBytes = work.size.width * layout.format.bytesPerSample
        try work.output.withFloats { floats in
            try frame(0) { own in
                for y in 0..<work.size.height {
                    let line = UnsafeMutableRawBufferPointer(rebasing: target[(y * bytesPerRow)...].prefix(rowBytes))
                    if (y % 2 == 0) == isEven {
                        line.copyMemory(from: UnsafeRawBufferPointer(rebasing: own.bytes[(y * own.bytesPerRow)...].prefix(rowBytes)))
                    } else {
                        codes.write(UnsafeBufferPointer(rebasing: floats[(y / 2 * work.size.width)...].prefix(work.size.width)), into: line)
                    }
                }
            }
        }
    }
}
