import ColorScience
import Filters
import GPU
import Picture
import Testing

/// Every program gives the same codes on the device as its twin in Double, within one code: the twin rounds the exact
/// value, the device one that is off by single-precision noise.
@Suite(.serialized) struct DeviceContractTests {
    private func compare(
        _ request: PictureRequest, look: BakedLUT? = nil, within tolerance: Int = 1, frameIndex: Int = 3,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let program = try PictureProgram(request, models: FilterModels(scaling: [], infiniteHDR: Samples.models.infiniteHDR))
        let processor = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 1)
        let frame = Samples.frame(request.input)
        let found = try await processor.process(frame, frameIndex: frameIndex, look: look)
        let wanted = try ReferenceProcessor(program: program).process(frame, frameIndex: frameIndex, look: look)
        let worst = Samples.largestDifference(found.planes, wanted.bytes, request.output)
        #expect(worst <= tolerance, "\(request.input.pixels) to \(request.output.pixels): \(worst) codes", sourceLocation: sourceLocation)
        #expect((found.light == nil) == (wanted.light == nil), sourceLocation: sourceLocation)
        if let light = found.light, let reference = wanted.light {
            #expect(abs(light.maximum / max(reference.maximum, 0.01) - 1) < 0.005, sourceLocation: sourceLocation)
            #expect(abs(light.average / max(reference.average, 0.01) - 1) < 0.001, sourceLocation: sourceLocation)
        }
    }

    static let inputs: [PixelFormat] = [
        .yuv420p, .yuv422p10, .yuv444p12, .gbrp10, .gray, PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: 16),
    ]

    @Test("formats, depths and odd sizes", arguments: inputs, [PixelFormat.yuv420p10, .yuv422p, .yuv444p12])
    func formats(input: PixelFormat, output: PixelFormat) async throws {
        let source = Samples.format(67, 35, input)
        let target = Samples.format(
            67, 35, output, ColorTags(primaries: .bt709, transfer: .bt709, matrix: .smpte170M, range: .full, siting: .center))
        try await compare(PictureRequest(input: source, scaled: source.size, output: target))
    }

    @Test(
        "ratios and kernels", arguments: [Scaler.bicubic, .lanczos],
        [(134, 70), (101, 53), (40, 21), (200, 36), (13, 7), (201, 105), (268, 140)])
    func ratios(scaler: Scaler, size: (Int, Int)) async throws {
        let source = Samples.format(67, 35, .yuv420p)
        let target = Samples.format(size.0, size.1, .yuv420p10)
        try await compare(PictureRequest(input: source, scaler: scaler, scaled: target.size, output: target))
    }

    @Test("chroma sitings at both ends", arguments: ChromaSiting.allCases.filter { $0 != .unspecified })
    func sitings(siting: ChromaSiting) async throws {
        var source = Samples.format(46, 30, .yuv420p)
        source.tags.siting = siting
        for output in ChromaSiting.allCases where output != .unspecified {
            var target = Samples.format(64, 44, .yuv420p)
            target.tags.siting = output
            try await compare(PictureRequest(input: source, scaler: .bicubic, scaled: target.size, output: target))
            target.tags.matrix = .smpte170M
            try await compare(PictureRequest(input: source, scaler: .bicubic, scaled: target.size, output: target))
        }
    }

    @Test("crop, padding and framing")
    func framing() async throws {
        let source = Samples.format(66, 46, .yuv420p)
        for size in [(80, 60), (50, 40), (31, 63)] {
            var request = PictureRequest(
                input: source, scaler: .bicubic, scaled: PictureSize(width: 58, height: 37),
                output: Samples.format(size.0, size.1, .yuv420p10))
            request.crop = PixelRect(x: 5, y: 3, size: PictureSize(width: 50, height: 40))
            request.prescaled = PictureSize(width: 33, height: 25)
            try await compare(request)
            request.output.tags.matrix = .smpte170M
            try await compare(request)
        }
    }

    @Test(
        "SDR to SDR between gamuts and curves",
        arguments: [TransferFunction.bt709, .srgb, .gamma22, .gamma28, .linear, .smpte428, .bt2020TenBit])
    func standard(transfer: TransferFunction) async throws {
        let source = Samples.format(51, 33, .yuv422p, Samples.sd)
        var target = Samples.format(51, 33, .yuv444p10)
        target.tags.transfer = transfer
        // Linear light spends few codes near black: the source's steps there are far apart on the way back.
        try await compare(PictureRequest(input: source, scaled: source.size, color: .convert, output: target), within: 1)
        try await compare(PictureRequest(input: target, scaled: source.size, color: .convert, output: source), within: 1)
    }

    @Test("SDR to HDR and back by every curve", arguments: ToneCurve.allCases)
    func tone(curve: ToneCurve) async throws {
        let source = Samples.format(51, 33, .yuv420p)
        for transfer in [TransferFunction.pq, .hlg] {
            var target = Samples.format(51, 33, .yuv420p10, Samples.hdr)
            target.tags.transfer = transfer
            try await compare(
                PictureRequest(
                    input: source, scaled: source.size, color: .inverseToneMap(curve, whiteLuminance: 203, peakLuminance: 800),
                    output: target))
            try await compare(
                PictureRequest(
                    input: target, scaled: source.size, color: .toneMap(curve, sourcePeak: 1000, outputLuminance: 100), output: source))
        }
    }

    @Test("PQ to HLG, HLG to PQ, and PQ measured without conversion")
    func hdr() async throws {
        let pq = Samples.format(51, 33, .yuv420p10, Samples.hdr)
        var hlg = pq
        hlg.tags.transfer = .hlg
        try await compare(PictureRequest(input: pq, scaled: pq.size, color: .convert, output: hlg))
        try await compare(PictureRequest(input: hlg, scaled: pq.size, color: .convert, output: pq))
        try await compare(
            PictureRequest(
                input: pq, scaler: .lanczos, scaled: PictureSize(width: 75, height: 41),
                output: Samples.format(75, 41, .yuv420p10, Samples.hdr)))
    }

    @Test(
        "PQ that nothing changes passes to the bit, measured", arguments: [PixelFormat.yuv420p10, .yuv422p10, .yuv444p12, .gbrp10, .gray])
    func untouchedHDR(pixels: PixelFormat) async throws {
        let format = Samples.format(51, 33, pixels, Samples.hdr)
        let request = PictureRequest(input: format, scaled: format.size, output: format, dither: .none)
        try await compare(request, within: 0)
        let program = try PictureProgram(request, models: Samples.models)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 1)
        let frame = Samples.frame(format)
        let found = try await processor.process(frame, frameIndex: 3)
        #expect(Samples.largestDifference(found.planes, frame, format) == 0)
        #expect(found.light != nil)
    }

    @Test("PQ whose light alone is measured, to other samplings, sizes and grids, smoothed and with grain")
    func measuredHDR() async throws {
        let source = Samples.format(51, 33, .yuv420p10, Samples.hdr)
        for pixels in [PixelFormat.yuv422p10, .yuv444p12, .yuv420p10] {
            var output = Samples.format(60, 40, pixels, Samples.hdr)
            output.tags.siting = .left
            var request = PictureRequest(input: source, scaled: source.size, output: output)
            try await compare(request)
            request.deband = true
            request.grain = FilmGrain(size: .medium, strength: 20)
            try await compare(request)
        }
        let gray = Samples.format(51, 33, .gray, Samples.hdr)
        try await compare(PictureRequest(input: gray, scaled: gray.size, output: Samples.format(51, 33, .yuv420p10, Samples.hdr)))
    }

    @Test("the table of a shot", arguments: [PixelFormat.yuv420p, .gbrp10, .gray], [17, 33])
    func look(input: PixelFormat, edge: Int) async throws {
        let source = Samples.format(45, 31, input)
        let target = Samples.format(90, 62, .yuv420p10, Samples.hdr)
        try await compare(
            PictureRequest(
                input: source, scaler: .bicubic, scaled: target.size, color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25),
                output: target), look: try Samples.look(edge: edge))
    }

    @Test("debanding and grain", arguments: FilmGrain.Size.allCases)
    func finishing(size: FilmGrain.Size) async throws {
        let source = Samples.format(75, 43, .yuv420p)
        var request = PictureRequest(input: source, scaled: source.size, output: Samples.format(75, 43, .yuv420p10))
        request.grain = FilmGrain(size: size, strength: 30)
        request.deband = true
        try await compare(request)
        request.color = .infiniteHDR(peakLuminance: 600, saturationBoost: 1)
        request.output = Samples.format(75, 43, .yuv420p10, Samples.hdr)
        try await compare(request, look: try Samples.look())
    }
}
