import GPU
import Networks
import Testing

/// From the smallest pictures to 8K.
@Suite struct PictureSizeTests {
    @Test(
        "small and odd pictures agree with the reference in every network",
        arguments: ["deint", "denoise", "dvres2_chroma", "dvres2_fine_tuning_x1", "dvres2_generic_x2", "dvres2_generic_x3"],
        [NetworkGraph.Size(16, 16), NetworkGraph.Size(17, 16), NetworkGraph.Size(16, 19)])
    func small(name: String, size: NetworkGraph.Size) async throws {
        let network = try ModelLibrary.network(name)
        let inputs = network.graph.inputs.enumerated().map { index, input in
            Noise.tensor([input.shape.channels, size.height, size.width], seed: UInt32(index + 3))
        }
        let engine = try await NetworkEngine(network, on: TestDevice.shared.get(), precision: .single, verifies: false)
        let runner = try engine.plan(width: size.width, height: size.height)
        let results = try await runner.run(inputs)
        let references = try ReferenceExecutor.run(network, inputs: inputs, reference: size)
        #expect(results.map(\.shape) == references.map(\.shape))
        for (result, reference) in zip(results, references) {
            let worst = zip(result.values, reference.values).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 1e-4)
        }
    }

    @Test("an 8K picture stays within its memory by tiles in every network that sees a neighbourhood")
    func planned() async throws {
        let budget = 96 << 20
        for name in ["deint", "denoise", "dvres2_chroma", "dvres2_generic_x1", "dvres2_generic_x2", "dvres2_generic_x4"] {
            let engine = try await NetworkEngine(
                ModelLibrary.network(name), on: TestDevice.shared.get(), precision: .single, verifies: false)
            let runner = try engine.plan(width: 7680, height: 4320, memoryBudget: budget)
            #expect(runner.peakBytes <= budget, "\(name)")
            #expect(runner.tileCount > 1, "\(name)")
        }
    }

    @Test("an 8K picture runs, and every sample of it is right")
    func large() async throws {
        let (width, height) = (7680, 4320)
        var test = TestNetwork(
            channels: 1, #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 3, "out_channels": 1, "weight": "w"}"#)
        test.tensors = [("w", Tensor(shape: [1, 1, 3, 3], values: [0, 0, 0, 0.5, 0, 0, 0, 0, 2]))]
        // Left neighbour, halved, and twice the one below at the right: whole 256ths, so sums are exact.
        func sample(_ x: Int, _ y: Int) -> Float {
            x < 0 || x >= width || y >= height ? 0 : Float((x &* 7 &+ y &* 13) & 255) / 256
        }
        var values = [Float](repeating: 0, count: width * height)
        for y in 0..<height { for x in 0..<width { values[y * width + x] = sample(x, y) } }
        let engine = try await NetworkEngine(test.network(), on: TestDevice.shared.get(), precision: .single)
        let runner = try engine.plan(width: width, height: height, memoryBudget: 64 << 20)
        #expect(runner.tileCount > 1)
        let result = try await runner.run([Tensor(shape: [1, height, width], values: values)])[0]
        #expect(result.shape == [1, height, width])
        var wrong = 0
        for y in 0..<height {
            for x in 0..<width where result.values[y * width + x] != sample(x - 1, y) / 2 + sample(x + 1, y + 1) * 2 { wrong += 1 }
        }
        #expect(wrong == 0)
    }
}
