import GPU

/// Runs a small picture through an engine and through the reference executor, and compares: one public network was seen
/// to come out 5 dB wrong on one driver version, without any error.
struct EngineCheck {
    let engine: NetworkEngine

    /// Reference size of the picture: odd, so that padding is at work.
    private static let size = NetworkGraph.Size(13, 9)

    /// - Throws: `deviceDisagrees`.
    func run() async throws {
        let runner = try engine.plan(
            width: Self.size.width, height: Self.size.height, share: engine.device.memoryShare)
        let inputs = zip(engine.network.graph.inputs.indices, runner.inputShapes).map { index, shape in
            Tensor(shape: shape, values: Self.noise(count: shape.reduce(1, *), seed: UInt32(index + 1)))
        }
        let results = try await runner.run(inputs)
        let references = try ReferenceExecutor.run(engine.network, inputs: inputs, reference: Self.size)
        // Relative to the largest value of an output; sums of half-precision samples lose about three digits.
        let tolerance = engine.precision == .half ? 3e-2 : 1e-3
        for (result, reference) in zip(results, references) {
            let largest = reference.values.map { Double(abs($0)) }.max() ?? 0
            let differences = zip(result.values, reference.values).map { Double(abs($0 - $1)) }
            // A NaN is not below the bound, and so is seen.
            let difference = differences.contains { !$0.isFinite } ? .infinity : (differences.max() ?? 0)
            guard difference <= tolerance * max(largest, 0.1) else {
                throw NetworkError.deviceDisagrees(
                    device: engine.device.description.name, network: engine.network.name, difference: difference)
            }
        }
    }

    /// Numbers in [0, 1), the same everywhere (a 32-bit xorshift).
    static func noise(count: Int, seed: UInt32) -> [Float] {
        var state = seed &* 2_654_435_769 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return Float(state >> 8) / Float(1 << 24)
        }
    }
}

extension NetworkRunner {
    /// Runs the network on tensors of the host and waits: for checks and for tiny networks. Frames are recorded instead.
    ///
    /// - Parameter inputs: as `inputShapes`.
    package func run(_ inputs: [Tensor]) async throws -> [Tensor] {
        let device = engine.device
        guard inputs.map(\.shape) == inputShapes else {
            throw NetworkError.invalidUse(detail: "inputs \(inputs.map(\.shape)); needed \(inputShapes)")
        }
        var recorder = try device.makeRecorder()
        var sources: [BufferSlice] = []
        for input in inputs {
            let buffer = try device.makeBuffer(byteCount: input.values.count * 4, memory: .upload, label: "input")
            try buffer.write(input.values)
            sources.append(buffer.all)
        }
        var targets: [BufferSlice] = []
        for shape in outputShapes {
            targets.append(try device.makeBuffer(byteCount: shape.reduce(4, *), memory: .download, label: "output").all)
        }
        try record(into: &recorder, inputs: sources, outputs: targets)
        try await recorder.submit().wait()
        return try zip(targets, outputShapes).map { target, shape in
            Tensor(shape: shape, values: try target.buffer.read(Float.self, count: shape.reduce(1, *)))
        }
    }
}
