import ColorScience
import Filters
import Foundation
import Picture
import Testing

@Suite struct ProgramTests {
    private func kinds(_ request: PictureRequest) throws -> [PictureStage.Kind] {
        try PictureProgram(request, models: Samples.models).stages.map(\.kind)
    }

    @Test("a picture that needs nothing is read and written, and nothing else")
    func identity() throws {
        let format = Samples.format(64, 48, .yuv420p)
        #expect(try kinds(PictureRequest(input: format, scaled: format.size, output: format)) == [.unpack, .quantise])
    }

    @Test("a PQ picture that needs nothing is measured besides, and its chroma keeps its grid")
    func measured() throws {
        let format = Samples.format(64, 48, .yuv420p10, Samples.hdr)
        let request = PictureRequest(input: format, scaled: format.size, output: format)
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.stages.map(\.kind) == [.unpack, .color, .quantise])
        #expect(program.grade == nil && program.chroma?.isIdentity == true)
        #expect(program.meter?.chroma?.outputSize == format.size)
        let stored = try JSONEncoder().encode(program)
        #expect(try JSONDecoder().decode(PictureProgram.self, from: stored) == program)
        // A plan from before there was this step.
        var members = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
        members["meter"] = nil
        let old = try JSONDecoder().decode(PictureProgram.self, from: JSONSerialization.data(withJSONObject: members))
        #expect(old.meter == nil && old.request == request)
        var other = request
        other.output.tags.matrix = .bt709
        let computed = try PictureProgram(other, models: Samples.models)
        #expect(computed.meter == nil && computed.grade?.meters == true)
    }

    @Test("the headline recipe has every stage, with reasons and costs")
    func headline() throws {
        let request = PictureRequest(
            input: Samples.format(1280, 720, .yuv420p), scaler: .superResolution(.fineTuning),
            scaled: PictureSize(width: 3840, height: 2160),
            color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25), output: Samples.format(3840, 2160, .yuv420p10, Samples.hdr))
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.stages.map(\.kind) == [.unpack, .superResolution, .lowFrequencyLock, .chroma, .color, .quantise])
        #expect(program.needsConditions)
        #expect(program.networks.map(\.name) == ["dvres2_fine_tuning_x3", "infinitehdr"])
        #expect(program.stages.allSatisfy { !$0.reason.isEmpty && $0.bytesPerPixel > 0 })
        let decoded = try JSONDecoder().decode(PictureProgram.self, from: JSONEncoder().encode(program))
        #expect(decoded == program)
    }

    @Test(
        "networks are composed as documented",
        arguments: zip(
            [1.0, 1.2, 1.5, 2, 2.25, 3, 4, 5, 6],
            [[], [2], [2], [2], [3], [3], [3], [3, 2], [3, 2]] as [[Int]]))
    func composition(ratio: Double, wanted: [Int]) {
        #expect(Samples.models.chain(variant: .fineTuning, ratio: ratio).map(\.ratio) == wanted)
    }

    @Test("with a network of ×2 alone every ratio up to 6 is reached within a factor of 1.5", arguments: [1.1, 2, 3, 4, 5, 6])
    func onlyTwo(ratio: Double) {
        let models = FilterModels(scaling: Samples.models.scaling.filter { $0.ratio == 2 })
        let product = models.chain(variant: .fineTuning, ratio: ratio).reduce(1.0) { $0 * Double($1.ratio) }
        #expect(ratio / product <= 1.5 + 1e-9)
    }

    @Test("what cannot be done is refused before anything is allocated")
    func refusals() throws {
        let format = Samples.format(64, 48, .yuv420p)
        func refused(_ change: (inout PictureRequest) -> Void) -> FilterError? {
            var request = PictureRequest(input: format, scaled: format.size, output: format)
            change(&request)
            do throws(FilterError) {
                _ = try PictureProgram(request, models: FilterModels(scaling: []))
                return nil
            } catch {
                return error
            }
        }
        #expect(refused { _ in } == nil)
        #expect(refused { $0.input.tags.range = .unspecified } != nil)
        #expect(refused { $0.output.tags.matrix = .unspecified } != nil)
        #expect(refused { $0.output.tags.matrix = .bt2020CL } != nil)
        #expect(refused { $0.scaled = PictureSize(width: 0, height: 8) } != nil)
        #expect(refused { $0.crop = PixelRect(x: 60, y: 0, size: PictureSize(width: 8, height: 8)) } != nil)
        #expect(
            refused {
                $0.scaler = .superResolution(.generic)
                $0.scaled = PictureSize(width: 128, height: 96)
            } != nil)
        #expect(refused { $0.color = .infiniteHDR(peakLuminance: 800, saturationBoost: 1) } != nil)
        #expect(refused { $0.output.pixels = PixelFormat(model: .ycbcr, subsampling: .yuv410, bitDepth: 8) } != nil)
    }

    @Test("a smaller picture is centred on whole chroma samples, a larger one cropped")
    func framing() throws {
        let source = Samples.format(64, 48, .yuv420p)
        let padded = try PictureProgram(
            PictureRequest(input: source, scaled: source.size, output: Samples.format(70, 50, .yuv420p)), models: Samples.models)
        #expect(padded.left == 2 && padded.top == 0)
        let cropped = try PictureProgram(
            PictureRequest(input: source, scaled: source.size, output: Samples.format(60, 40, .yuv420p)), models: Samples.models)
        #expect(cropped.left == -2 && cropped.top == -4)
    }

    @Test("a crop is widened to whole chroma samples")
    func crop() throws {
        let source = Samples.format(65, 49, .yuv420p)
        var request = PictureRequest(input: source, scaled: PictureSize(width: 20, height: 20), output: Samples.format(20, 20, .yuv420p))
        request.crop = PixelRect(x: 3, y: 5, size: PictureSize(width: 62, height: 44))
        let program = try PictureProgram(request, models: Samples.models)
        #expect(program.window == PixelRect(x: 2, y: 4, size: PictureSize(width: 63, height: 45)))
    }
}
