import ColorScience
import Filters
import GPU
import Networks
import Picture
import Testing

@Suite(.serialized) struct HighlightTests {
    private func program(
        _ size: (Int, Int), strength: Double = 1, peak: Double = 1000, pixels: PixelFormat = .yuv444p, transfer: TransferFunction = .pq
    ) throws -> PictureProgram {
        var tags = Samples.hdr
        tags.transfer = transfer
        let output: PixelFormat = pixels == .gray ? .gray : .yuv444p10
        return try PictureProgram(
            PictureRequest(
                input: Samples.format(size.0, size.1, pixels), scaled: PictureSize(width: size.0, height: size.1),
                color: .infiniteHDR(peakLuminance: peak, saturationBoost: 1.25, highlights: strength),
                output: Samples.format(size.0, size.1, output, tags), dither: .none), models: FilterModels.bundled())
    }

    /// A ramp, with a clipped disc, a clipped bar and a lamp of which one component is clipped.
    private func frame(_ format: PictureFormat, shift: Int = 0) -> [UInt8] {
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

    private func look(_ program: PictureProgram, _ frame: [UInt8]) throws -> BakedLUT {
        let network = try InfiniteHDR()
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        return try network.look(for: network.condition(of: thumbnail), program: program)
    }

    private func reference(_ model: ModelIdentity, _ maps: [ReferencePlane]) throws -> [ReferencePlane] {
        let input = Tensor(shape: [maps.count, maps[0].height, maps[0].width], values: maps.flatMap { $0.samples.map(Float.init) })
        let output = try ReferenceExecutor.run(try ModelLibrary.network(model.name), inputs: [input])[0]
        let count = output.shape[1] * output.shape[2]
        return (0..<output.shape[0]).map { map in
            ReferencePlane(
                width: output.shape[2], height: output.shape[1],
                samples: output.values[(map * count)..<((map + 1) * count)].map(Double.init))
        }
    }

    private func process(_ program: PictureProgram, _ frame: [UInt8], _ look: BakedLUT, index: Int = 0) async throws -> [UInt8] {
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        return try await processor.process(frame, frameIndex: index, look: look).planes
    }

    @Test(
        "the device gives what the twin in Double gives, at odd sizes, for PQ and HLG, in color and gray",
        arguments: [(37, 23), (16, 16), (201, 119), (500, 9)], [TransferFunction.pq, .hlg])
    func twin(size: (Int, Int), transfer: TransferFunction) async throws {
        for pixels in [PixelFormat.yuv444p, .gray] {
            let program = try program(size, peak: 800, pixels: pixels, transfer: transfer)
            let frame = frame(program.request.input)
            let look = try look(program, frame)
            let found = try await process(program, frame, look)
            let wanted = try ReferenceProcessor(program: program, highlights: reference).process(frame, frameIndex: 0, look: look).bytes
            // Half precision, where the device has it, costs the network up to a code or two of its own.
            let tolerance = try TestDevice.get().features.float16 ? 3 : 1
            #expect(Samples.largestDifference(found, wanted, program.request.output) <= tolerance, "\(pixels)")
        }
    }

    @Test("what is not clipped keeps its bytes, wherever the clipped things stand; what is clipped changes")
    func onlyClipped() async throws {
        let (lifting, plain) = (try program((192, 108)), try program((192, 108), strength: 0))
        #expect(plain.highlights == nil && plain.networks == Array(lifting.networks.dropLast()))
        var changed = 0
        for shift in [0, 17] {
            let frame = frame(lifting.request.input, shift: shift)
            let table = try look(lifting, frame)
            let (found, wanted) = (try await process(lifting, frame, table), try await process(plain, frame, table))
            let source = Samples.codes(frame, lifting.request.input.planeLayouts[0])
            let red = Samples.codes(frame, lifting.request.input.planeLayouts[2])
            for layout in lifting.request.output.planeLayouts {
                let pairs = zip(Samples.codes(found, layout), Samples.codes(wanted, layout))
                for (place, pair) in pairs.enumerated() where pair.0 != pair.1 {
                    changed += 1
                    #expect(source[place] == 235 || red[place] == 200)
                }
            }
        }
        #expect(changed > 0)
    }

    @Test("a static scene gives a static result: the same frame at other times, and other runs, is the same to the byte")
    func still() async throws {
        let program = try program((160, 90))
        let frame = frame(program.request.input)
        let table = try look(program, frame)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let first = try await processor.process(frame, frameIndex: 0, look: table).planes
        for index in [1, 7, 1000] { #expect(try await processor.process(frame, frameIndex: index, look: table).planes == first) }
        #expect(try await process(program, frame, table, index: 3) == first)
    }

    @Test("nothing exceeds the peak, and white stays above diffuse white", arguments: [150.0, 300, 1000], [(16, 16), (64, 36)])
    func bounds(peak: Double, size: (Int, Int)) async throws {
        let program = try program(size, peak: peak)
        for code in [16, 128, 235, 255] {
            let frame = Samples.flat(program.request.input, [code, 128, 128])
            let table = try look(program, frame)
            let planes = try await process(program, frame, table)
            let codes = Samples.codes(planes, program.request.output.planeLayouts[0])
            let light = codes.map { PQ.eotf(Double($0 - 64) / 876) }
            #expect(light.allSatisfy { $0 <= peak * 1.01 })
            if code >= 235 { #expect(light.allSatisfy { $0 >= min(peak, 203) * 0.98 }) }
        }
    }

    @Test("the network sees 160 squares along the longer side, from 16 pixels to 8K")
    func grids() async throws {
        func plan(_ width: Int, _ height: Int) throws -> HighlightPlan { try #require(try program((width, height)).highlights) }
        #expect(try plan(16, 16).grid == PictureSize(width: 16, height: 16))
        #expect(try plan(1920, 1080).grid == PictureSize(width: 160, height: 90))
        #expect(try plan(3840, 2160).grid == PictureSize(width: 160, height: 90))
        #expect(try plan(7680, 4320).grid == PictureSize(width: 160, height: 90))
        #expect(try plan(7680, 4320).gainGrid == PictureSize(width: 80, height: 45))
        #expect(try plan(1080, 1921).grid == PictureSize(width: 84, height: 148))
        let wide = try program((7680, 24))
        let frame = frame(wide.request.input)
        _ = try await process(wide, frame, look(wide, frame))
    }

    @Test("half the strength is half the stops; a pixel that is not clipped, or gains of 0, change nothing")
    func lift() throws {
        func lift(_ strength: Double) throws -> HighlightLift { try #require(try program((16, 16), strength: strength).grade?.lift) }
        let (full, half) = (try lift(1), try lift(0.5))
        let color = Vector3(gray: PQ.inverseEOTF(300))
        let white = Vector3(gray: 1)
        #expect(full.apply(color, source: Vector3(gray: 0.9), gains: Vector3(gray: 1)) == color)
        #expect(full.apply(color, source: white, gains: Vector3(gray: 0)) == color)
        #expect(abs(PQ.eotf(full.apply(color, source: white, gains: Vector3(gray: 1)).x) - 600) < 0.1)
        #expect(abs(PQ.eotf(half.apply(color, source: white, gains: Vector3(gray: 2)).x) - 600) < 0.1)
        #expect(abs(PQ.eotf(full.apply(color, source: white, gains: Vector3(gray: 2)).x) - 1000) < 0.1)
        #expect(abs(PQ.eotf(full.apply(color, source: white, gains: Vector3(gray: -2)).x) - 203) < 0.1)
    }

    @Test("a picture without color stays without", arguments: [(64, 36), (33, 57)])
    func gray(size: (Int, Int)) async throws {
        let program = try program(size)
        var frame = frame(program.request.input)
        for layout in program.request.input.planeLayouts.dropFirst() {
            for y in 0..<layout.height { for x in 0..<layout.width { Samples.set(128, x, y, layout, &frame) } }
        }
        let planes = try await process(program, frame, look(program, frame))
        for layout in program.request.output.planeLayouts.dropFirst() {
            #expect(Samples.codes(planes, layout).allSatisfy { abs($0 - 512) <= 1 })
        }
    }

    @Test("a table without a guide, and models without the network, are refused")
    func refusals() async throws {
        let program = try program((16, 16))
        let frame = frame(program.request.input)
        await #expect(throws: FilterError.self) { try await process(program, frame, Samples.look()) }
        #expect(throws: FilterError.self) { try PictureProgram(program.request, models: Samples.models) }
    }
}
