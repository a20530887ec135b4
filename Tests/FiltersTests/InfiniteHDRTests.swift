import ColorScience
import Filters
import Glibc
import Picture
import Primitives
import Testing

@Suite struct InfiniteHDRTests {
    private func program(_ tags: ColorTags = Samples.hd, peak: Double = 800, transfer: TransferFunction = .pq) throws -> PictureProgram {
        var hdr = Samples.hdr
        hdr.transfer = transfer
        return try PictureProgram(
            PictureRequest(
                input: Samples.format(64, 36, .yuv420p, tags), scaled: PictureSize(width: 64, height: 36),
                color: .infiniteHDR(peakLuminance: peak, saturationBoost: 1.25), output: Samples.format(64, 36, .yuv420p10, hdr)),
            models: FilterModels.bundled())
    }

    private func thumbnail(_ red: Float, _ green: Float, _ blue: Float) -> Thumbnail {
        let count = Thumbnail.width * Thumbnail.height
        return Thumbnail(samples: (0..<(3 * count)).map { [red, green, blue][$0 / count] * Float($0 % 64) / 64 })
    }

    @Test("the bundled networks are known by their metadata")
    func bundled() throws {
        let models = try FilterModels.bundled()
        #expect(models.infiniteHDR?.name == InfiniteHDR.modelName)
        #expect(models.scaling.contains { $0.variant == .fineTuning && $0.ratio == 2 && $0.macPerSample > 1000 })
    }

    @Test("a table maps black to black, grays to grays, and exceeds no peak", arguments: [400.0, 800])
    func table(peak: Double) throws {
        let network = try InfiniteHDR()
        let condition = try network.condition(of: thumbnail(0.9, 0.8, 0.6))
        #expect(condition.count == 16)
        let look = try network.look(for: condition, program: program(peak: peak))
        #expect(look.apply(Vector3(gray: 0)).maximum < 1e-4)
        var last = 0.0
        for step in 1...32 {
            let gray = look.apply(Vector3(gray: Double(step) / 32))
            #expect(gray.maximum - min(gray.x, gray.y, gray.z) < 1e-3)
            #expect(gray.y > last)
            last = gray.y
        }
        for color in BakedLUT.grid(edge: 9) { #expect(PQ.eotf(look.apply(color).maximum) <= peak * 1.0001) }
    }

    @Test("sources in another gamut are converted before the mapping, HLG after it")
    func conversions() throws {
        let network = try InfiniteHDR()
        let condition = try network.condition(of: thumbnail(0.5, 0.5, 0.5))
        let plain = try network.look(for: condition, program: program())
        let narrow = try network.look(for: condition, program: program(Samples.sd))
        let hlg = try network.look(for: condition, program: program(transfer: .hlg))
        #expect((plain.apply(Vector3(gray: 0.5)) - narrow.apply(Vector3(gray: 0.5))).map(abs).maximum < 2e-3)
        #expect((plain.apply(Vector3(0.8, 0.1, 0.1)) - narrow.apply(Vector3(0.8, 0.1, 0.1))).map(abs).maximum > 2e-3)
        let light = HLG.eotf(hlg.apply(Vector3(gray: 0.5)), peakLuminance: HLG.referencePeak).y
        #expect(abs(light / PQ.eotf(plain.apply(Vector3(gray: 0.5)).y) - 1) < 0.02)
    }

    @Test("analysis gives each shot the mean of its frames' conditions")
    func analysis() throws {
        let network = try InfiniteHDR()
        var analysis = network.analysis(firstFrame: 100)
        let (dark, bright) = (thumbnail(0.2, 0.1, 0.1), thumbnail(0.9, 0.9, 1))
        for frame in 0..<20 { try analysis.add(frame < 8 ? dark : bright) }
        let conditions = analysis.finish()
        #expect(conditions.shots.map(\.frames) == [FrameRange(100, 108), FrameRange(108, 120)])
        let wanted = try network.condition(of: bright)
        #expect(zip(conditions.condition(at: 115), wanted).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("a condition of the wrong length is refused")
    func refusal() throws {
        let program = try program()
        #expect(throws: FilterError.self) { try InfiniteHDR().look(for: [1, 2], program: program) }
    }

    @Test("statistics are shares above signals, the same at any size and depth", arguments: [64, 640])
    func statistics(width: Int) throws {
        let small = Thumbnail(samples: (0..<(3 * 64 * 36)).map { $0 % (64 * 36) < 64 * 18 ? 1 : 0 })
        let half = Float(1 + log2(0.5) / 12)
        #expect(small.statistics == [Float](repeating: half, count: 36))

        let height = width * 9 / 16
        let format = Samples.format(width, height, .yuv420p, Samples.hd)
        let program = try PictureProgram(
            PictureRequest(
                input: format, scaled: format.size, color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1),
                output: Samples.format(width, height, .yuv420p10, Samples.hdr)), models: FilterModels.bundled())
        var bytes = [UInt8](repeating: 128, count: format.byteCount)
        let luma = format.planeLayouts[0]
        for y in 0..<height {
            for x in 0..<width { bytes[luma.offset + y * luma.bytesPerRow + x] = y * 2 < height ? 235 : 16 }
        }
        let thumbnail = try bytes.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        for value in thumbnail.statistics { #expect(abs(value - half) < 0.01) }
    }
}
