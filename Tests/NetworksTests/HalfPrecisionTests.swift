import FoundationEssentials
import GPU
import Networks
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Maps and block sums in 16-bit floats, as GPUs run them. Tests ask for them by name: CPU devices choose 32 bits.
@Suite struct HalfPrecisionTests {
    /// Whether the device computes in 16 bits at all.
    static var isOffered: Bool {
        guard let features = try? TestDevice.shared.get().features else { return false }
        return features.float16 && features.storage16Bit
    }

    /// PSNR of a picture of nominal range [0, 1].
    static func psnr(_ first: [Float], _ second: [Float]) -> Double {
        let error = zip(first, second).map { Double($0 - $1) * Double($0 - $1) }.reduce(0, +)
        return -10 * log10(max(error / Double(first.count), 1e-15))
    }

    private func run(_ network: Network, _ inputs: [Tensor], tile: RegisterTile = .automatic) async throws -> [Float] {
        let engine = try await NetworkEngine(
            network, on: TestDevice.shared.get(), precision: .half, tile: tile, verifies: false)
        let shape = inputs[0].shape
        return try await engine.plan(width: shape[2], height: shape[1]).run(inputs)[0].values
    }

    @Test("each network of the scaler keeps more than 60 dB of signal to noise against PyTorch", .enabled(if: isOffered))
    func shipped() async throws {
        for name in ModelLibrary.names where name.hasPrefix("dvres2_") {
            let fixture = try PyTorchTests.Fixture(name)
            let result = try await run(fixture.network, fixture.inputs)
            let psnr = Self.psnr(result, fixture.outputs[0].values)
            #expect(psnr > 60, "\(name): \(psnr) dB against full scale")
        }
    }

    @Test("values beyond the range of 16 bits are cut off, and never infinite or NaN", .enabled(if: isOffered))
    func overflow() async throws {
        var test = TestNetwork()
        for (name, from) in [("a", "in"), ("b", "a"), ("c", "b")] { test.addConvolution(name, from: from, 3, 3) }
        test.tensors = test.tensors.map { name, tensor in
            (name, Tensor(shape: tensor.shape, values: tensor.values.map { $0 * 5000 }))
        }
        test.layers.append(#"{"op": "mul", "inputs": ["b", "c"], "output": "d"}"#)
        test.layers.append(#"{"op": "add", "inputs": ["d", "a"], "output": "out"}"#)
        let network = try test.network()
        for scale in [Float(1), 1e4, 1e30] {
            let result = try await run(network, [Noise.tensor([3, 13, 22], scale: scale, offset: -scale / 2)])
            #expect(result.allSatisfy { abs($0) <= 65504 })
            #expect(result.contains { abs($0) == 65504 })
        }
    }

    @Test(
        "weights far beyond and far below one keep their precision", .enabled(if: isOffered),
        arguments: [(Float(1e-6), Float(6e4)), (1, 1), (1e6, 1e-2)], [1, 2, 9, 26])
    func weights(magnitudes: (weights: Float, samples: Float), outputs: Int) async throws {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": 5}]"#
        test.addConvolution("out", from: "in", 5, outputs)
        test.tensors = test.tensors.map { name, tensor in
            let factor = name.hasSuffix("weight") ? magnitudes.weights : magnitudes.weights * magnitudes.samples
            return (name, Tensor(shape: tensor.shape, values: tensor.values.map { $0 * factor }))
        }
        let network = try test.network()
        let input = Noise.tensor([5, 11, 19], scale: magnitudes.samples)
        let result = try await run(network, [input])
        let reference = try ReferenceExecutor.run(network, inputs: [input])[0].values
        let largest = reference.map(abs).max() ?? 0
        let worst = zip(result, reference).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= 4e-3 * largest, "\(worst) of \(largest)")
    }
}

/// Not a test of the code but a measurement: what 16-bit floats cost on the samples that `remaster_training precision` wrote.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["REMASTER_PRECISION_SAMPLES"] != nil, "set REMASTER_PRECISION_SAMPLES"))
struct PrecisionLoss {
    @Test("no network loses more than 0.1 dB against the truth by 16-bit floats") func table() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["REMASTER_PRECISION_SAMPLES"])
        let tensors = try Safetensors(contentsOf: path).tensors
        let device = try TestDevice.shared.get()
        var lines = ["| network | crop | 32 bits, dB | loss by 16 bits, dB | apart, dB |", "|---|---|---|---|---|"]
        for name in Set(tensors.keys.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted() {
            let network = try ModelLibrary.network(name)
            let crops = Set(tensors.keys.filter { $0.hasPrefix("\(name)/") }.map { String($0.split(separator: "/")[1]) }).sorted()
            for crop in crops {
                let inputs = try network.graph.inputs.map { try #require(tensors["\(name)/\(crop)/\($0.name)"]) }
                var results: [[Float]] = []
                for precision in [Precision.single, .half] {
                    let engine = try await NetworkEngine(network, on: device, precision: precision)
                    let outputs = try await engine.plan(width: inputs[0].shape[2], height: inputs[0].shape[1]).run(inputs)
                    results.append(outputs.flatMap(\.values))
                }
                let truth = try network.graph.outputs.flatMap { try #require(tensors["\(name)/\(crop)/truth/\($0)"]).values }
                let (single, half) = (HalfPrecisionTests.psnr(results[0], truth), HalfPrecisionTests.psnr(results[1], truth))
                #expect(single - half <= 0.1, "\(name), \(crop)")
                let figures = [single, single - half, HalfPrecisionTests.psnr(results[0], results[1])]
                lines.append("| `\(name)` | \(crop) | \(figures.map { "\(($0 * 1e4).rounded() / 1e4)" }.joined(separator: " | ")) |")
            }
        }
        Attachment.record(lines.joined(separator: "\n"), named: "precision-loss.md")
        #expect(lines.count > 2)
    }
}
