import ColorScience
import Filters
import GPU
import Picture
import Testing

@Suite(.serialized) struct HighlightTests {
    private func program(
        _ size: (Int, Int), strength: Double = 1, peak: Double = 1000, pixels: PixelFormat = .yuv444p, transfer: TransferFunction = .pq
    ) throws -> PictureProgram {
        try SurveyPictures.program(size, highlights: strength, peak: peak, pixels: pixels, transfer: transfer)
    }

    @Test(
        "the device gives what the twin in Double gives, at odd sizes, for PQ and HLG, in color and gray",
        arguments: [(37, 23), (16, 16), (201, 119), (500, 9)], [TransferFunction.pq, .hlg])
    func twin(size: (Int, Int), transfer: TransferFunction) async throws {
        for pixels in [PixelFormat.yuv444p, .gray] {
            let program = try program(size, peak: 800, pixels: pixels, transfer: transfer)
            let frame = SurveyPictures.frame(program.request.input)
            let look = try SurveyPictures.look(program, frame)
            let found = try await SurveyPictures.process(program, frame, look)
            let wanted = try ReferenceProcessor(program: program, survey: SurveyPictures.reference).process(
                frame, frameIndex: 0, look: look
            ).bytes
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
            let frame = SurveyPictures.frame(lifting.request.input, shift: shift)
            let table = try SurveyPictures.look(lifting, frame)
            let (found, wanted) = (
                try await SurveyPictures.process(lifting, frame, table), try await SurveyPictures.process(plain, frame, table)
            )
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
        let frame = SurveyPictures.frame(program.request.input)
        let table = try SurveyPictures.look(program, frame)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let first = try await processor.process(frame, frameIndex: 0, look: table).planes
        for index in [1, 7, 1000] { #expect(try await processor.process(frame, frameIndex: index, look: table).planes == first) }
        #expect(try await SurveyPictures.process(program, frame, table, index: 3) == first)
    }

    @Test("nothing exceeds the peak, and white stays above diffuse white", arguments: [150.0, 300, 1000], [(16, 16), (64, 36)])
    func bounds(peak: Double, size: (Int, Int)) async throws {
        let program = try program(size, peak: peak)
        for code in [16, 128, 235, 255] {
            let frame = Samples.flat(program.request.input, [code, 128, 128])
            let table = try SurveyPictures.look(program, frame)
            let planes = try await SurveyPictures.process(program, frame, table)
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
        let frame = SurveyPictures.frame(wide.request.input)
        _ = try await SurveyPictures.process(wide, frame, SurveyPictures.look(wide, frame))
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
        var frame = SurveyPictures.frame(program.request.input)
        for layout in program.request.input.planeLayouts.dropFirst() {
            for y in 0..<layout.height { for x in 0..<layout.width { Samples.set(128, x, y, layout, &frame) } }
        }
        let planes = try await SurveyPictures.process(program, frame, SurveyPictures.look(program, frame))
        for layout in program.request.output.planeLayouts.dropFirst() {
            #expect(Samples.codes(planes, layout).allSatisfy { abs($0 - 512) <= 1 })
        }
    }

    @Test("a table without a guide, and models without the network, are refused")
    func refusals() async throws {
        let program = try program((16, 16))
        let frame = SurveyPictures.frame(program.request.input)
        await #expect(throws: FilterError.self) { try await SurveyPictures.process(program, frame, Samples.look()) }
        #expect(throws: FilterError.self) { try PictureProgram(program.request, models: Samples.models) }
    }
}
