import ColorScience
import Filters
import Networks
import Picture

/// Pictures and networks for tests of what sees a whole picture.
enum SurveyPictures {
    static func program(
        _ size: (Int, Int), highlights: Double = 0, local: Double = 0, peak: Double = 1000, pixels: PixelFormat = .yuv444p,
        transfer: TransferFunction = .pq
    ) throws -> PictureProgram {
        var tags = Samples.hdr
        tags.transfer = transfer
        let output: PixelFormat = pixels == .gray ? .gray : .yuv444p10
        return try PictureProgram(
            PictureRequest(
                input: Samples.format(size.0, size.1, pixels), scaled: PictureSize(width: size.0, height: size.1),
                color: .infiniteHDR(peakLuminance: peak, saturationBoost: 1.25, highlights: highlights, local: local),
                output: Samples.format(size.0, size.1, output, tags), dither: .none), models: FilterModels.bundled())
    }

    /// A ramp, with a clipped disc, a clipped bar and a lamp of which one component is clipped.
    static func frame(_ format: PictureFormat, shift: Int = 0) -> [UInt8] {
        var bytes = Samples.flat(format, format.planeLayouts.indices.map { $0 == 0 ? 60 : 128 })
        let (width, height) = (format.size.width, format.size.height)
        for (plane, layout) in format.planeLayouts.enumerated() {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    let (u, v) = (x - shift - width / 3, y - height / 2)
                    let disc = u * u + v * v < width * height / 60
                    let bar = x - shift > width * 3 / 4 && y > height / 2
                    let lamp = y < height / 6 && x < width / 5
                    let code = [disc || bar ? 235 : 40 + (x * 3 + y) % 130, lamp ? 90 : 128, lamp ? 200 : 128][plane]
                    Samples.set(code, x, y, layout, &bytes)
                }
            }
        }
        return bytes
    }

    /// A frame without color, of a brightness by place.
    static func gray(_ format: PictureFormat, _ code: (Int, Int) -> Int) -> [UInt8] {
        var bytes = Samples.flat(format, format.planeLayouts.indices.map { $0 == 0 ? 16 : 128 })
        let layout = format.planeLayouts[0]
        for y in 0..<layout.height { for x in 0..<layout.width { Samples.set(code(x, y), x, y, layout, &bytes) } }
        return bytes
    }

    static func look(_ program: PictureProgram, _ frame: [UInt8]) throws -> BakedLUT {
        let network = try InfiniteHDR()
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        return try network.look(for: network.condition(of: thumbnail), program: program)
    }

    /// Runs a bundled network in Double.
    static func reference(_ model: ModelIdentity, _ maps: [ReferencePlane]) throws -> [ReferencePlane] {
        let input = Tensor(shape: [maps.count, maps[0].height, maps[0].width], values: maps.flatMap { $0.samples.map(Float.init) })
        let output = try ReferenceExecutor.run(try ModelLibrary.network(model.name), inputs: [input])[0]
        let count = output.shape[1] * output.shape[2]
        return (0..<output.shape[0]).map { map in
            ReferencePlane(
                width: output.shape[2], height: output.shape[1],
                samples: output.values[(map * count)..<((map + 1) * count)].map(Double.init))
        }
    }

    static func process(_ program: PictureProgram, _ frame: [UInt8], _ look: BakedLUT, index: Int = 0) async throws -> [UInt8] {
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        return try await processor.process(frame, frameIndex: index, look: look).planes
    }
}
