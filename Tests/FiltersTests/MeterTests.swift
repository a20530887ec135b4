import ColorScience
import Filters
import Foundation
import Picture
import Testing

/// What is measured of a frame's light is what the frame holds: behind grain, in bars and cuts, under tags that are written anew.
@Suite(.serialized) struct MeterTests {
    private static let peak = 800.0
    private static let expansion = ColorConversion.inverseToneMap(.reinhard, whiteLuminance: 203, peakLuminance: peak)
    private static let grain = FilmGrain(size: .fine, strength: 50)

    /// A frame by the device, which is what its twin makes of it.
    private func made(
        _ request: PictureRequest, _ frame: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (bytes: [UInt8], light: FrameLightLevel?) {
        let program = try PictureProgram(request, models: Samples.models)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 1)
        let found = try await processor.process(frame, frameIndex: 4)
        let wanted = try ReferenceProcessor(program: program).process(frame, frameIndex: 4)
        #expect(Samples.largestDifference(found.planes, wanted.bytes, request.output) <= 1, sourceLocation: sourceLocation)
        #expect((found.light == nil) == (wanted.light == nil), sourceLocation: sourceLocation)
        if let light = found.light, let reference = wanted.light {
            #expect(abs(light.maximum / reference.maximum - 1) < 0.005, sourceLocation: sourceLocation)
            #expect(abs(light.average / reference.average - 1) < 0.001, sourceLocation: sourceLocation)
        }
        return (found.planes, found.light)
    }

    /// max(R′, G′, B′) of every pixel of a 4:4:4 frame.
    private func signals(_ bytes: [UInt8], _ format: PictureFormat) throws -> [Double] {
        let matrix = try #require(format.tags.matrix.yCbCrToRGB(primaries: format.tags.primaries))
        let codes = Quantization(range: format.tags.range, bitDepth: format.pixels.bitDepth)
        let planes = format.planeLayouts.map { Samples.codes(bytes, $0) }
        return planes[0].indices.map { place in
            (matrix
                * Vector3(
                    codes.decodeLuma(planes[0][place]), codes.decodeChroma(planes[1][place]), codes.decodeChroma(planes[2][place])))
                .maximum
        }
    }

    /// Gray that rises to white from left to right, in 10 bits.
    private func ramp(_ format: PictureFormat) -> [UInt8] {
        var bytes = Samples.flat(format, [64, 512, 512])
        for y in 0..<format.size.height {
            for x in 0..<format.size.width {
                Samples.set(64 + 876 * x / (format.size.width - 1), x, y, format.planeLayouts[0], &bytes)
            }
        }
        return bytes
    }

    // MARK: Smoothing and grain

    @Test("grain does not lift an expanded picture above its peak, and what is measured is what is coded", arguments: [false, true])
    func grainyPQ(deband: Bool) async throws {
        let (input, output) = (Samples.format(96, 24, .yuv422p10), Samples.format(96, 24, .yuv444p12, Samples.hdr))
        let request = PictureRequest(
            input: input, scaled: input.size, color: Self.expansion, deband: deband, grain: Self.grain, output: output, dither: .none)
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.grade?.meters == false && program.finish?.grade.limit == PQ.inverseEOTF(Self.peak))
        let found = try await made(request, ramp(input))
        let light = try #require(found.light)
        let lights = try signals(found.bytes, output).map { PQ.eotf(max($0, 0)) }
        // Half a code of 12 bits in each plane.
        let brightest = try #require(lights.max())
        #expect(brightest <= Self.peak * 1.01)
        #expect(light.maximum <= Self.peak * 1.002)
        #expect(abs(light.maximum / brightest - 1) < 0.01)
        #expect(abs(light.average / (lights.reduce(0, +) / Double(lights.count)) - 1) < 0.005)
    }

    @Test("nor one of HLG above white")
    func grainyHLG() async throws {
        var output = Samples.format(96, 24, .yuv444p12, Samples.hdr)
        output.tags.transfer = .hlg
        let input = Samples.format(96, 24, .yuv422p10)
        let request = PictureRequest(
            input: input, scaled: input.size, color: .inverseToneMap(.reinhard, whiteLuminance: 203, peakLuminance: 1000),
            grain: Self.grain, output: output, dither: .none)
        let found = try await made(request, ramp(input))
        #expect(found.light == nil)
        let brightest = try #require(try signals(found.bytes, output).max())
        #expect(brightest < 1.001)
    }

    @Test("of a PQ picture that passes the grain is measured too", arguments: [PixelFormat.yuv444p12, .yuv420p10])
    func grainyPassing(pixels: PixelFormat) async throws {
        let format = Samples.format(64, 32, pixels, Samples.hdr)
        let level = 2600 >> (12 - pixels.bitDepth)
        let gray = Samples.flat(format, [level, 1 << (pixels.bitDepth - 1), 1 << (pixels.bitDepth - 1)])
        let request = PictureRequest(input: format, scaled: format.size, grain: Self.grain, output: format, dither: .none)
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.meter == nil && program.finish?.grade.limit == nil)
        let found = try await made(request, gray)
        let codes = Quantization(range: .limited, bitDepth: pixels.bitDepth)
        let lights = Samples.codes(found.bytes, format.planeLayouts[0]).map { PQ.eotf(max(codes.decodeLuma($0), 0)) }
        let (light, brightest) = (try #require(found.light), try #require(lights.max()))
        #expect(light.maximum > PQ.eotf(codes.decodeLuma(level)) * 1.5)
        #expect(abs(light.maximum / brightest - 1) < 0.01)
    }

    @Test("a program of an earlier build counts where it did")
    func earlier() throws {
        let (input, output) = (Samples.format(96, 24, .yuv422p10), Samples.format(96, 24, .yuv444p12, Samples.hdr))
        let request = PictureRequest(input: input, scaled: input.size, color: Self.expansion, grain: Self.grain, output: output)
        let stored = try JSONEncoder().encode(PictureProgram(request, models: Samples.models))
        var members = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
        members["finish"] = nil
        var grade = try #require(members["grade"] as? [String: Any])
        grade["meters"] = true
        members["grade"] = grade
        let program = try JSONDecoder().decode(PictureProgram.self, from: JSONSerialization.data(withJSONObject: members))
        #expect(program.finish == nil && program.request == request)
        let found = try ReferenceProcessor(program: program).process(ramp(input), frameIndex: 4)
        let light = try #require(found.light)
        #expect(light.maximum <= Self.peak * 1.002)
        let brightest = try #require(try signals(found.bytes, output).max())
        #expect(PQ.eotf(brightest) > Self.peak * 1.2)
    }

    // MARK: Bars and cuts

    @Test("bars are counted as the black that they are", arguments: [false, true])
    func bars(expands: Bool) async throws {
        let input = Samples.format(32, 16, .yuv420p10, expands ? Samples.hd : Samples.hdr)
        let frame = Samples.flat(input, [600, 512, 512])
        var request = PictureRequest(
            input: input, scaled: input.size, color: expands ? Self.expansion : .none,
            output: Samples.format(32, 16, .yuv420p10, Samples.hdr))
        let plain = try #require(try await made(request, frame).light)
        request.output.size = PictureSize(width: 64, height: 32)
        let padded = try #require(try await made(request, frame).light)
        #expect(plain.average > 10)
        #expect(abs(padded.average / plain.average - 0.25) < 1e-9)
        #expect(padded.maximum == plain.maximum)
    }

    @Test("what the frame cuts off is not counted", arguments: [false, true])
    func cuts(expands: Bool) async throws {
        let input = Samples.format(40, 20, .yuv444p10, expands ? Samples.hd : Samples.hdr)
        let calm = Samples.flat(input, [400, 512, 512])
        var frame = calm
        let kept = (x: 8..<32, y: 2..<18)
        for y in 0..<20 {
            for x in 0..<40 where !kept.x.contains(x) || !kept.y.contains(y) { Samples.set(900, x, y, input.planeLayouts[0], &frame) }
        }
        var request = PictureRequest(
            input: input, scaled: input.size, color: expands ? Self.expansion : .none,
            output: Samples.format(40, 20, .yuv444p10, Samples.hdr))
        let wanted = try #require(try await made(request, calm).light)
        let whole = try #require(try await made(request, frame).light)
        #expect(whole.maximum > wanted.maximum * 2)
        request.output.size = PictureSize(width: 24, height: 16)
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.shown == PixelRect(x: 8, y: 2, size: request.output.size))
        let found = try #require(try await made(request, frame).light)
        #expect(found.maximum == wanted.maximum && abs(found.average / wanted.average - 1) < 1e-9)
        // Cut at the sides, with bars above and below.
        request.output.size = PictureSize(width: 24, height: 40)
        let barred = try #require(try await made(request, Samples.flat(input, [400, 512, 512])).light)
        #expect(barred.maximum == wanted.maximum && abs(barred.average / wanted.average - 0.5) < 1e-9)
    }

    // MARK: Tags

    @Test(
        "numbers that are written as PQ are read as PQ, by the range that is written",
        arguments: [(ColorRange.limited, ColorRange.limited), (.limited, .full), (.full, .limited)])
    func written(made range: ColorRange, read: ColorRange) async throws {
        var format = Samples.format(32, 16, .yuv420p10)
        format.tags.range = range
        var tags = Samples.hdr
        (tags.range, tags.siting) = (read, format.tags.siting)
        let request = PictureRequest(input: format, scaled: format.size, output: format, dither: .none, written: tags)
        #expect(request.keepsNumbers)
        let frame = Samples.flat(format, [700, 512, 512])
        let found = try await made(request, frame)
        #expect(Samples.largestDifference(found.bytes, frame, format) == 0)
        let light = try #require(found.light)
        let wanted = PQ.eotf(Quantization(range: read, bitDepth: 10).decodeLuma(700))
        #expect(abs(light.maximum / wanted - 1) < 0.005 && abs(light.average / wanted - 1) < 0.005)
        var standard = request
        (standard.input.tags, standard.output.tags) = (Samples.hdr, Samples.hdr)
        standard.written = Samples.hd
        let unmeasured = try await made(standard, frame)
        #expect(unmeasured.light == nil)
    }
}
