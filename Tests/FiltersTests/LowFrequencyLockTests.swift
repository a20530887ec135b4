import ColorScience
import Filters
import GPU
import Picture
import Testing

@Suite(.serialized) struct LowFrequencyLockTests {
    private static let code = 1.0 / 219

    /// 20 × 18 samples, whose last blocks are not whole.
    private let source = ReferencePlane(width: 20, height: 18) { x, y in Double((7 * x + 3 * y) % 11) / 20 }

    /// Twice as large: the same with noise, and with a drift for each of its four blocks.
    private var result: ReferencePlane {
        let drift = [0.2, 1.0, -0.3, -2.0]
        return ReferencePlane(width: 40, height: 36) { x, y in
            source[x / 2, y / 2] + Double((5 * x + 3 * y) % 13 - 6) / 400 + drift[x / 32 + 2 * (y / 32)] * Self.code
        }
    }

    /// What `plane_lock` makes of a plane.
    private func lockedOnDevice(
        _ plane: ReferencePlane, to source: ReferencePlane, ratio: Int, deadZone: Double
    ) async throws -> [Float] {
        let device = try TestDevice.get()
        let block = LowFrequencyLock.block * ratio
        let buffers = try [plane, source.averaged(block: LowFrequencyLock.block), plane.averaged(block: block)].map { plane in
            let buffer = try device.makeBuffer(byteCount: plane.samples.count * 4, memory: .download)
            try buffer.write(plane.samples.map(Float.init))
            return buffer
        }
        let parameters = LockParameters(
            width: UInt32(plane.width), height: UInt32(plane.height), block: UInt32(block), deadZone: Float(deadZone))
        let pipeline = try device.pipeline(.planeLock, workgroup: WorkgroupSize(64))
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            pipeline, buffers.map(\.all), push: parameters, invocations: ((plane.width + 7) / 8, plane.height, 1))
        try await recorder.submit().wait()
        return try buffers[0].read(Float.self, count: plane.samples.count)
    }

    @Test("the figures are those of the lock behind which the networks are scored (Training/tests/test_lock.py)")
    func figures() async throws {
        let found = result.locked(to: source, ratio: 2, deadZone: LowFrequencyLock.lumaDeadZone)
        let onDevice = try await lockedOnDevice(result, to: source, ratio: 2, deadZone: LowFrequencyLock.lumaDeadZone)
        let wanted: [(x: Int, y: Int, value: Double)] = [
            (0, 0, -0.014086757990867579), (39, 0, 0.03705839879980912), (20, 7, 0.09543302283439462), (24, 24, 0.5108397234847013),
            (39, 35, 0.3807751496306293), (3, 33, 0.008819081206299944),
        ]
        for (x, y, value) in wanted {
            #expect(abs(found[x, y] - value) < 1e-12, "\(x), \(y)")
            #expect(abs(Double(onDevice[y * 40 + x]) - value) < 1e-6, "\(x), \(y)")
        }
        for (device, twin) in zip(onDevice, found.samples) { #expect(abs(Double(device) - twin) < 1e-6) }
    }

    @Test(
        "a drift within the dead zone is left, a larger one brought to its edge",
        arguments: [(0.2, 0.2), (-0.2, -0.2), (1, 0.25), (-1, -0.25)])
    func zone(drift: Double, left: Double) async throws {
        let moved = ReferencePlane(width: 20, height: 18) { x, y in source[x, y] + drift * Self.code }
        let found = moved.locked(to: source, ratio: 1, deadZone: LowFrequencyLock.lumaDeadZone)
        let onDevice = try await lockedOnDevice(moved, to: source, ratio: 1, deadZone: LowFrequencyLock.lumaDeadZone)
        for place in source.samples.indices {
            #expect(abs(found.samples[place] - source.samples[place] - left * Self.code) < 1e-12)
            #expect(abs(Double(onDevice[place]) - source.samples[place] - left * Self.code) < 1e-6)
        }
    }

    /// Means of Y′, Cb and Cr, normalised, that a program gives whose networks move each block of luma and chroma by so many codes.
    private func means(_ program: PictureProgram, _ drift: @escaping (_ block: Int) -> Double) throws -> [Double] {
        let processor = ReferenceProcessor(
            program: program,
            network: { step, plane in
                ReferencePlane(width: step.outputSize.width, height: step.outputSize.height) { x, y in
                    let block = LowFrequencyLock.block * step.ratio
                    return plane[x / step.ratio, y / step.ratio] + drift(x / block + y / block) / 219
                }
            },
            guide: { _, planes in
                planes[1...2].map { plane in
                    ReferencePlane(width: plane.width, height: plane.height) { x, y in
                        plane[x, y] + drift(x / LowFrequencyLock.block + y / LowFrequencyLock.block) / 224
                    }
                }
            })
        let bytes = try processor.process(Samples.frame(program.request.input), frameIndex: 0).bytes
        let output = program.request.output
        let scale = Quantization(range: output.tags.range, bitDepth: output.pixels.bitDepth)
        return output.planeLayouts.enumerated().map { plane, layout in
            let codes = Samples.codes(bytes, layout)
            return Double(codes.reduce(0, +)) / Double(codes.count) / (plane == 0 ? scale.lumaScale : scale.chromaScale)
        }
    }

    @Test(
        "the mean color stays within half a code, whatever the networks do: of 8 and 10 bits, of either range, one network or two",
        arguments: [PixelFormat.yuv420p, .yuv420p10, .gbrp10], [ColorRange.limited, .full])
    func meanColor(pixels: PixelFormat, range: ColorRange) throws {
        var tags = Samples.hd
        tags.range = range
        let deep = PixelFormat(model: .ycbcr, subsampling: .yuv444, bitDepth: 16)
        let chroma = FilterModels.ChromaGuide(
            identity: ModelIdentity(name: "dvres2_chroma", version: "1", recipeSHA256: "0"), macPerSample: 1)
        for (side, networks) in [(48, 1), (144, 2)] {
            let program = try PictureProgram(
                PictureRequest(
                    input: Samples.format(24, 24, pixels, tags), scaler: .superResolution(.fineTuning),
                    scaled: PictureSize(width: side, height: side), output: Samples.format(side, side, deep, tags), dither: .none),
                models: FilterModels(scaling: Samples.models.scaling, chroma: chroma))
            #expect(program.luma.count == networks)
            let still = try means(program) { _ in 0 }
            for drift in [{ _ in 3 }, { _ in -3 }, { block in Double(block % 4 - 1) }] as [(Int) -> Double] {
                let moved = zip(try means(program, drift), still).map { $0 - $1 }
                // Codes of 8 bits in full range, which has the most.
                let (luma, blue, red) = (moved[0] * 255, moved[1] * 255, moved[2] * 255)
                #expect(abs(luma) < 0.3 && abs(blue) < 0.11 && abs(red) < 0.11, "\(luma), \(blue), \(red)")
                #expect(abs(luma + 1.8556 * blue) < 0.5 && abs(luma + 1.5748 * red) < 0.5)
                #expect(abs(luma - 0.1873 * blue - 0.4681 * red) < 0.5)
            }
        }
    }

    @Test("the zones keep the mean color of every matrix within half a code")
    func zones() {
        // Of the matrices, BT.2020 has the largest weight: Cb in B′.
        #expect((LowFrequencyLock.lumaDeadZone + 1.8814 * LowFrequencyLock.chromaDeadZone) * 255 < 0.5)
    }
}
