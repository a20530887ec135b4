import ColorScience
import Filters
import Picture
import Testing

@Suite struct ReferenceProcessorTests {
    @Test("a picture that needs nothing comes out as it went in", arguments: [PixelFormat.yuv420p, .yuv422p10, .yuv444p12, .gbrp10, .gray])
    func identity(pixels: PixelFormat) throws {
        let format = Samples.format(21, 13, pixels)
        let program = try PictureProgram(
            PictureRequest(input: format, scaled: format.size, output: format, dither: .none), models: Samples.models)
        let frame = Samples.frame(format)
        let result = try ReferenceProcessor(program: program).process(frame, frameIndex: 0)
        #expect(Samples.largestDifference(result.bytes, frame, format) == 0)
        #expect(result.light == nil)
    }

    @Test(
        "a PQ picture that needs nothing comes out as it went in, and its light is measured",
        arguments: [PixelFormat.yuv420p10, .yuv422p10, .yuv444p12, .gbrp10, .gray])
    func measured(pixels: PixelFormat) throws {
        let format = Samples.format(21, 13, pixels, Samples.hdr)
        let program = try PictureProgram(
            PictureRequest(input: format, scaled: format.size, output: format, dither: .none), models: Samples.models)
        #expect(program.request.keepsNumbers && program.grade == nil)
        let frame = Samples.frame(format)
        let result = try ReferenceProcessor(program: program).process(frame, frameIndex: 0)
        #expect(Samples.largestDifference(result.bytes, frame, format) == 0)
        #expect(result.light != nil)
        let shift = pixels.bitDepth - 8
        let gray = [180, pixels.model == .rgb ? 180 : 128, pixels.model == .rgb ? 180 : 128].map { $0 << shift }
        let flat = try ReferenceProcessor(program: program).process(Samples.flat(format, gray), frameIndex: 0)
        let light = try #require(flat.light)
        let wanted = PQ.eotf(Quantization(range: .limited, bitDepth: pixels.bitDepth).decodeLuma(180 << shift))
        #expect(abs(light.maximum / wanted - 1) < 0.005 && abs(light.average / wanted - 1) < 0.005)
    }

    @Test("SDR white becomes 203 cd/m² PQ white of BT.2020, measured as such")
    func white() throws {
        let format = Samples.format(16, 8, .yuv420p)
        let output = Samples.format(32, 16, .yuv420p10, Samples.hdr)
        let program = try PictureProgram(
            PictureRequest(
                input: format, scaler: .bicubic, scaled: output.size,
                color: .inverseToneMap(.linear, whiteLuminance: 203, peakLuminance: 1000), output: output, dither: .none),
            models: Samples.models)
        let result = try ReferenceProcessor(program: program).process(Samples.flat(format, [235, 128, 128]), frameIndex: 0)
        let white = Quantization(range: .limited, bitDepth: 10).encodeLuma(PQ.inverseEOTF(203))
        #expect(Samples.codes(result.bytes, output.planeLayouts[0]).allSatisfy { $0 == white })
        #expect(Samples.codes(result.bytes, output.planeLayouts[1]).allSatisfy { $0 == 512 })
        let light = try #require(result.light)
        #expect(abs(light.maximum - 203) < 0.3 && abs(light.average - 203) < 0.3)
    }

    @Test("padding is black, and the picture keeps its values")
    func padding() throws {
        let format = Samples.format(16, 8, .yuv420p)
        let output = Samples.format(24, 16, .yuv420p)
        let program = try PictureProgram(
            PictureRequest(input: format, scaled: format.size, output: output, dither: .none), models: Samples.models)
        let result = try ReferenceProcessor(program: program).process(Samples.flat(format, [100, 90, 200]), frameIndex: 0)
        let luma = Samples.codes(result.bytes, output.planeLayouts[0])
        let chroma = Samples.codes(result.bytes, output.planeLayouts[2])
        #expect(luma[0] == 16 && luma[4 * 24 + 4] == 100 && luma[4 * 24 + 3] == 16)
        #expect(chroma[0] == 128 && chroma[2 * 12 + 2] == 200 && chroma[2 * 12 + 1] == 128)
    }

    @Test("the mean of a plane survives dithering to 8 bits")
    func dither() throws {
        let format = Samples.format(64, 64, .yuv444p12)
        let output = Samples.format(64, 64, .yuv444p)
        let program = try PictureProgram(PictureRequest(input: format, scaled: format.size, output: output), models: Samples.models)
        // A quarter code above 100.
        let result = try ReferenceProcessor(program: program).process(Samples.flat(format, [1604, 2048, 2048]), frameIndex: 5)
        let luma = Samples.codes(result.bytes, output.planeLayouts[0])
        #expect(abs(Double(luma.reduce(0, +)) / Double(luma.count) - 100.25) < 0.03)
    }

    @Test("between codes alone: what is a code stays, what is not is dithered, on the device too", arguments: [ColorRange.limited, .full])
    func ditherBetweenCodes(range: ColorRange) async throws {
        var tags = Samples.hd
        tags.range = range
        let deep = PixelFormat(model: .ycbcr, subsampling: .yuv444, bitDepth: 16, hasAlpha: false)
        let (format, output) = (Samples.format(64, 64, deep, tags), Samples.format(64, 64, .yuv444p, tags))
        let program = try PictureProgram(
            PictureRequest(input: format, scaled: format.size, output: output, dither: .triangularBetweenCodes), models: Samples.models)
        #expect(program.request.changesDepthAlone && !program.request.keepsNumbers)
        // 100 of eight bits in sixteen; then a quarter of a code more.
        let code = range == .full ? 25700 : 25600
        let pictures = [Samples.flat(format, [code, 32768, 32768]), Samples.flat(format, [code + 64, 32768, 32768])]
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        for (picture, isCode) in zip(pictures, [true, false]) {
            let wanted = try ReferenceProcessor(program: program).process(picture, frameIndex: 5).bytes
            let made = try await processor.process(picture, frameIndex: 5, look: nil).planes
            for bytes in [wanted, made] {
                #expect(Set(Samples.codes(bytes, output.planeLayouts[0])) == (isCode ? [100] : [99, 100, 101]))
                #expect(Set(Samples.codes(bytes, output.planeLayouts[1])) == [128])
            }
        }
    }
}
