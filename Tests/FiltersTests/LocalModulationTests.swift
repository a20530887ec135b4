import ColorScience
import Filters
import GPU
import Glibc
import Picture
import Testing

@Suite(.serialized) struct LocalModulationTests {
    private func program(
        _ size: (Int, Int), strength: Double = 1, highlights: Double = 0, peak: Double = 1000, pixels: PixelFormat = .yuv444p,
        transfer: TransferFunction = .pq
    ) throws -> PictureProgram {
        try SurveyPictures.program(size, highlights: highlights, local: strength, peak: peak, pixels: pixels, transfer: transfer)
    }

    /// A table that lifts what is bright by two stops, and counts as fully open.
    private func table(openness: Double = 1) throws -> BakedLUT {
        let expansion = LightExpansion(peakLuminance: 1000, saturationBoost: 1)
        let values = BakedLUT.grid(edge: 17).flatMap { color in
            let result = expansion.apply(color, gains: Vector3(gray: 2 * color.maximum * color.maximum))
            return [result.x, result.y, result.z].map(Float.init)
        }
        return try BakedLUT(edge: 17, values: values, guide: BakedLUT(edge: 17, values: values), openness: openness)
    }

    @Test(
        "the device gives what the twin in Double gives, at odd sizes, for PQ and HLG, in color and gray, with highlights and without",
        arguments: [(37, 23), (16, 16), (201, 119), (500, 9)], [TransferFunction.pq, .hlg])
    func twin(size: (Int, Int), transfer: TransferFunction) async throws {
        for (pixels, highlights) in [(PixelFormat.yuv444p, 0.0), (.yuv444p, 0.7), (.gray, 0)] {
            let program = try program(size, strength: 0.8, highlights: highlights, pixels: pixels, transfer: transfer)
            let frame = SurveyPictures.frame(program.request.input)
            let table = try table(openness: 0.9)
            let found = try await SurveyPictures.process(program, frame, table)
            let twin = ReferenceProcessor(program: program, survey: SurveyPictures.reference)
            let wanted = try twin.process(frame, frameIndex: 0, look: table).bytes
            // Half precision, where the device has it, costs the network up to a code or two of its own.
            let tolerance = try TestDevice.get().features.float16 ? 3 : 1
            #expect(Samples.largestDifference(found, wanted, program.request.output) <= tolerance, "\(pixels), \(highlights)")
        }
    }

    @Test("the plan names the stage and the network, before that of highlights; without strength there is neither")
    func plan() throws {
        let (modulating, plain) = (try program((192, 108), highlights: 1), try program((192, 108), strength: 0))
        #expect(plain.local == nil && plain.networks.map(\.name) == ["infinitehdr"] && plain.grade?.local == nil)
        #expect(modulating.networks.map(\.name) == ["infinitehdr", "infinitehdr_local", "infinitehdr_highlights"])
        #expect(modulating.networks.allSatisfy { $0.recipeSHA256.count == 64 })
        let stage = try #require(modulating.stages.first { $0.kind == .localModulation })
        #expect(stage.reason.hasPrefix("infinitehdr_local: ") && stage.macPerPixel > 0)
        #expect(throws: FilterError.self) { try PictureProgram(modulating.request, models: Samples.models) }
    }

    @Test("the network sees 160 squares along the longer side and gives a gain for sixteen of them, from 16 pixels to 8K")
    func grids() throws {
        func gains(_ width: Int, _ height: Int) throws -> PictureSize { try #require(try program((width, height)).local).gainGrid }
        #expect(try gains(16, 16) == PictureSize(width: 4, height: 4))
        #expect(try gains(1920, 1080) == PictureSize(width: 40, height: 23))
        #expect(try gains(7680, 4320) == PictureSize(width: 40, height: 23))
        #expect(try gains(1080, 1921) == PictureSize(width: 21, height: 37))
    }

    @Test("a static scene gives a static result: the same frame at other times, and other runs, is the same to the byte")
    func still() async throws {
        let program = try program((160, 90))
        let frame = SurveyPictures.frame(program.request.input)
        let table = try table()
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let first = try await processor.process(frame, frameIndex: 0, look: table).planes
        for index in [1, 7, 1000] { #expect(try await processor.process(frame, frameIndex: index, look: table).planes == first) }
        #expect(try await SurveyPictures.process(program, frame, table, index: 3) == first)
    }

    @Test("what is no brighter than the first node keeps its bytes beside whatever stands there; a closed shot keeps all of them")
    func darkParts() async throws {
        let (modulating, plain) = (try program((192, 108)), try program((192, 108), strength: 0))
        for shift in [0, 17] {
            let frame = SurveyPictures.frame(modulating.request.input, shift: shift)
            let wanted = try await SurveyPictures.process(plain, frame, table())
            #expect(try await SurveyPictures.process(modulating, frame, table(openness: 0)) == wanted)
            let found = try await SurveyPictures.process(modulating, frame, table())
            let source = modulating.request.input.planeLayouts.map { Samples.codes(frame, $0) }
            for layout in modulating.request.output.planeLayouts {
                let pairs = zip(Samples.codes(found, layout), Samples.codes(wanted, layout))
                for (place, pair) in pairs.enumerated() where source[0][place] < 120 && source[1][place] == 128 && source[2][place] == 128 {
                    #expect(pair.0 == pair.1)
                }
            }
        }
    }

    @Test("a picture without color stays without, and one of one brightness stays flat", arguments: [(64, 36), (33, 57)])
    func gray(size: (Int, Int)) async throws {
        let program = try program(size)
        let frame = SurveyPictures.gray(program.request.input) { x, y in x < size.0 / 2 ? 40 + (3 * x + 2 * y) % 190 : 235 }
        let planes = try await SurveyPictures.process(program, frame, table())
        for layout in program.request.output.planeLayouts.dropFirst() {
            #expect(Samples.codes(planes, layout).allSatisfy { abs($0 - 512) <= 1 })
        }
        for code in [16, 128, 180, 215, 235, 254] {
            let flat = Samples.flat(program.request.input, [code, 128, 128])
            let codes = Samples.codes(try await SurveyPictures.process(program, flat, table()), program.request.output.planeLayouts[0])
            #expect((codes.max() ?? 0) - (codes.min() ?? 0) <= 1, "\(code)")
        }
    }

    @Test("nothing exceeds the peak", arguments: [150.0, 300, 1000], [(16, 16), (64, 36)])
    func bounds(peak: Double, size: (Int, Int)) async throws {
        let program = try program(size, peak: peak)
        for code in [16, 128, 200, 235, 255] {
            let frame = Samples.flat(program.request.input, [code, 128, 128])
            let planes = try await SurveyPictures.process(program, frame, SurveyPictures.look(program, frame))
            let codes = Samples.codes(planes, program.request.output.planeLayouts[0])
            #expect(codes.map { PQ.eotf(Double($0 - 64) / 876) }.allSatisfy { $0 <= peak * 1.01 })
        }
    }

    @Test("under a pan the gain of a thing stays: light moves with the scene by no more than a fiftieth of a stop in the mean")
    func pan() async throws {
        // Pans by parts of the squares that the network sees, of the areas that a gain stands for, and by several of them.
        let size = (640, 360)
        let (modulating, plain) = (try program(size), try program(size, strength: 0))
        let table = try table()
        func stops(_ shift: Int) async throws -> [Double] {
            let frame = SurveyPictures.gray(modulating.request.input) { x, y in Self.scene(x + shift, y) }
            var light: [[Double]] = []
            for program in [modulating, plain] {
                let planes = try await SurveyPictures.process(program, frame, table)
                light.append(Samples.codes(planes, program.request.output.planeLayouts[0]).map { PQ.eotf(Double($0 - 64) / 876) })
            }
            return zip(light[0], light[1]).map { log2(max($0, 0.01) / max($1, 0.01)) }
        }
        let first = try await stops(0)
        for shift in [1, 7, 16, 40] {
            let moved = try await stops(shift)
            var differences: [Double] = []
            for y in 40..<320 {
                for x in 100..<500 where Self.scene(x + shift, y) > 140 {
                    differences.append(abs(moved[y * size.0 + x] - first[y * size.0 + x + shift]))
                }
            }
            let mean = differences.reduce(0, +) / Double(max(differences.count, 1))
            #expect(differences.count > 1000)
            #expect(mean <= 0.02, "\(shift): \(mean)")
        }
    }

    /// Luma of an endless scene: a sky above a skyline, windows, lamps.
    private static func scene(_ x: Int, _ y: Int) -> Int {
        let roof = 150 + (x / 60 * 37) % 90
        if y < roof { return 235 - (roof - y) / 3 }
        let isWindow = (x % 30) > 12 && (y % 40) > 18
        return isWindow ? ((x / 30 + y / 40) % 3 == 0 ? 220 : 150) : 60 + (x / 60 * 13) % 40
    }

    @Test("half the strength is half the stops; weights of the nodes are a partition from the second on")
    func lift() throws {
        func lift(_ strength: Double, highlights: Double = 0) throws -> LocalLift {
            try #require(try program((16, 16), strength: strength, highlights: highlights).grade?.local)
        }
        let (full, half) = (try lift(1), try lift(0.5))
        let color = Vector3(gray: PQ.inverseEOTF(300))
        let gains = [0.2, 0.4, -0.5, 1]
        func light(_ lift: LocalLift, _ signal: Double, openness: Double = 1) -> Double {
            PQ.eotf(lift.apply(color, source: Vector3(gray: signal), gains: gains, openness: openness).x)
        }
        #expect(light(full, 0.5) == PQ.eotf(color.x) && light(full, 1, openness: 0) == PQ.eotf(color.x))
        #expect(abs(light(full, 1) - 600) < 0.1 && abs(light(half, 1) - 300 * 2.0.squareRoot()) < 0.1)
        #expect(abs(light(full, 0.9) - 300 / 2.0.squareRoot()) < 0.1)
        #expect(abs(light(try lift(1, highlights: 1), 1) - 300) < 0.1)
        let bright = Vector3(gray: PQ.inverseEOTF(900))
        #expect(abs(PQ.eotf(full.apply(bright, source: Vector3(gray: 1), gains: gains, openness: 1).x) - 1000) < 0.1)
        for signal in stride(from: 0.65, through: 1.1, by: 0.01) {
            #expect(abs(LocalLift.weights(signal).reduce(0, +) - 1) < 1e-12)
        }
        #expect(LocalLift.weights(0.3).allSatisfy { $0 == 0 })
    }
}
