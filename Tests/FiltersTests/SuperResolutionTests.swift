import ColorScience
import Filters
import GPU
import Networks
import Picture
import Testing

@Suite(.serialized) struct SuperResolutionTests {
    /// Runs a network of the scaler in Double.
    private func reference(_ step: SuperResolutionStep, _ plane: ReferencePlane) throws -> ReferencePlane {
        let network = try ModelLibrary.network(step.identity.name)
        let input = Tensor(shape: [1, plane.height, plane.width], values: plane.samples.map(Float.init))
        let output = try ReferenceExecutor.run(network, inputs: [input])[0]
        return ReferencePlane(width: output.shape[2], height: output.shape[1], samples: output.values.map(Double.init))
    }

    /// Runs the chroma network in Double.
    private func guide(_ model: ModelIdentity, _ planes: [ReferencePlane]) throws -> [ReferencePlane] {
        let network = try ModelLibrary.network(model.name)
        let inputs = planes.map { Tensor(shape: [1, $0.height, $0.width], values: $0.samples.map(Float.init)) }
        return try ReferenceExecutor.run(network, inputs: inputs).map { output in
            ReferencePlane(width: output.shape[2], height: output.shape[1], samples: output.values.map(Double.init))
        }
    }

    private func program(
        _ pixels: PixelFormat, _ size: (Int, Int), _ target: (Int, Int), scaler: Scaler = .superResolution(.fineTuning),
        color: ColorConversion = .none, output: PictureFormat? = nil, size networks: ModelSize = .cpu
    ) throws -> PictureProgram {
        var models = try FilterModels.bundled()
        models.size = networks
        return try PictureProgram(
            PictureRequest(
                input: Samples.format(size.0, size.1, pixels), scaler: scaler,
                scaled: PictureSize(width: target.0, height: target.1), color: color,
                output: output ?? Samples.format(target.0, target.1, .yuv420p10)), models: models)
    }

    @Test("the headline recipe, end to end, as its twin in Double", arguments: [PixelFormat.yuv420p, .gbrp10])
    func headline(pixels: PixelFormat) async throws {
        let output = Samples.format(74, 46, .yuv420p10, Samples.hdr)
        let program = try program(
            pixels, (37, 23), (74, 46), color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25), output: output)
        let network = try InfiniteHDR()
        let frame = Samples.frame(program.request.input)
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        let look = try network.look(for: network.condition(of: thumbnail), program: program)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let found = try await processor.process(frame, frameIndex: 12, look: look)
        let wanted = try ReferenceProcessor(program: program, network: reference, guide: guide).process(frame, frameIndex: 12, look: look)
        // Half precision, where the device has it, costs the network up to a code or two of its own.
        let tolerance = try TestDevice.get().features.float16 ? 3 : 1
        #expect(Samples.largestDifference(found.planes, wanted.bytes, output) <= tolerance)
        let light = try #require(found.light)
        let reference = try #require(wanted.light)
        #expect(abs(light.average / reference.average - 1) < 0.005)
        #expect(light.maximum <= 800 * 1.002)
    }

    @Test("other ratios are reached by networks and the resampler", arguments: [(56, 34), (100, 62), (45, 28)])
    func ratios(target: (Int, Int)) async throws {
        let program = try program(.yuv420p, (37, 23), target)
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let frame = Samples.frame(program.request.input)
        let found = try await processor.process(frame, frameIndex: 0)
        let wanted = try ReferenceProcessor(program: program, network: reference, guide: guide).process(frame, frameIndex: 0)
        let tolerance = try TestDevice.get().features.float16 ? 3 : 1
        #expect(Samples.largestDifference(found.planes, wanted.bytes, program.request.output) <= tolerance)
    }

    @Test("the mean of luma stays within a quarter of a code of 8 bits, whatever the network does")
    func mean() async throws {
        let program = try program(.yuv420p, (64, 48), (128, 96))
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let frame = Samples.flat(program.request.input, [180, 120, 131])
        let codes = Samples.codes(try await processor.process(frame, frameIndex: 0).planes, program.request.output.planeLayouts[0])
        let middle = (40..<56).flatMap { y in (40..<88).map { codes[y * 128 + $0] } }
        // Ten bits, and some dither.
        #expect(abs(Double(middle.reduce(0, +)) / Double(middle.count) - 720) < 1.1)
    }

    @Test(
        "every network leaves a flat picture and a soft ramp of odd size as bicubic makes them",
        arguments: try FilterModels.bundled().scaling)
    func harmless(model: FilterModels.Scaling) async throws {
        let (size, target) = ((61, 37), (61 * model.ratio, 37 * model.ratio))
        let learned = try program(.yuv420p, size, target, scaler: .superResolution(model.variant), size: model.size)
        #expect(learned.networks.first == model.identity)
        let plain = try program(.yuv420p, size, target, scaler: .bicubic)
        var frame = Samples.flat(learned.request.input, [180, 120, 131])
        let luma = learned.request.input.planeLayouts[0]
        for isRamp in [false, true] {
            if isRamp {
                for y in 0..<37 { for x in 0..<61 { frame[luma.offset + y * luma.bytesPerRow + x] = UInt8(40 + 2 * x + y) } }
            }
            var results: [[Int]] = []
            for program in [learned, plain] {
                let processor = try await PictureProcessor(program: program, device: TestDevice.get())
                let planes = try await processor.process(frame, frameIndex: 0).planes
                let codes = Samples.codes(planes, program.request.output.planeLayouts[0])
                let edge = 6 * model.ratio
                results.append((edge..<(target.1 - edge)).flatMap { y in (edge..<(target.0 - edge)).map { codes[y * target.0 + $0] } })
            }
            let differences = zip(results[0], results[1]).map { $0 - $1 }
            // Ten bits: 2 codes are half a code of 8 bits, 8 are two.
            #expect(abs(Double(differences.reduce(0, +)) / Double(differences.count)) < 2, "\(model.identity.name)")
            #expect(differences.allSatisfy { abs($0) <= 8 }, "\(model.identity.name)")
        }
    }
}
