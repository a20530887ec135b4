package import GPU

#if canImport(Glibc)
    import Glibc
#endif

/// Measures what decides the product's speed: the convolution, and the embedded networks as a whole.
package enum NetworkBenchmark {
    /// Runs of each measurement, after one that is not counted.
    private static let runs = 5

    /// Measures the convolutions that the networks are made of and every embedded network.
    ///
    /// - Parameters:
    ///   - size: reference size of the pictures.
    ///   - names: of the embedded networks to measure; nil: all of them, and the convolutions.
    ///   - clock: the clock of the wall.
    package static func run(
        on device: Device, size: NetworkGraph.Size = NetworkGraph.Size(960, 540), precision: Precision = .automatic,
        names: [String]? = nil,
        clock: ContinuousClock = ContinuousClock()
    ) async throws -> [Measurement] {
        var measurements: [Measurement] = []
        let shapes = [(24, 24, 3), (16, 16, 3), (1, 24, 3), (24, 4, 3), (24, 9, 3), (32, 32, 1)]
        for (inputs, outputs, kernel) in names == nil ? shapes : [] {
            let network = try convolution(inputs: inputs, outputs: outputs, kernel: kernel)
            measurements.append(try await measure(network, on: device, size: size, precision: precision, clock: clock))
        }
        for name in names ?? ModelLibrary.names {
            let network = try ModelLibrary.network(name)
            // A network of single samples runs on the grid of a colour table, 33 × 33 × 33.
            // One along the lines of a picture sees one sample of each.
            let isColumn = network.metadata["filter"] == "DEJIT"
            let shape = network.halo == 0 ? NetworkGraph.Size(33 * 33, 33) : isColumn ? NetworkGraph.Size(1, size.height) : size
            measurements.append(try await measure(network, on: device, size: shape, precision: precision, clock: clock))
        }
        return measurements
    }

    /// Measures one network on noise. Times of operators are taken apart, which costs next to nothing.
    package static func measure(
        _ network: Network, on device: Device, size: NetworkGraph.Size, precision: Precision = .automatic,
        tiles: (across: Int, down: Int)? = nil, clock: ContinuousClock = ContinuousClock()
    ) async throws -> Measurement {
        let engine = try await NetworkEngine(network, on: device, precision: precision, verifies: false)
        let runner = try engine.plan(width: size.width, height: size.height, tiles: tiles)
        var inputs: [BufferSlice] = []
        for (index, shape) in runner.inputShapes.enumerated() {
            let values = EngineCheck.noise(count: shape.reduce(1, *), seed: UInt32(index + 1))
            let buffer = try device.makeBuffer(byteCount: values.count * 4, memory: .upload)
            try buffer.write(values)
            inputs.append(buffer.all)
        }
        var outputs: [BufferSlice] = []
        for shape in runner.outputShapes { outputs.append(try device.makeBuffer(byteCount: shape.reduce(4, *)).all) }

        var times: [(wall: Duration, processor: Duration, stages: [StageTime])] = []
        for run in 0...runs {
            var recorder = try device.makeRecorder()
            try runner.record(into: &recorder, inputs: inputs, outputs: outputs, timing: .apart)
            let (start, busy) = (clock.now, processorTime())
            let stages = try await recorder.submit().wait()
            if run > 0 { times.append((start.duration(to: clock.now), processorTime() - busy, stages)) }
        }
        times.sort { $0.wall < $1.wall }
        let middle = times[times.count / 2]
        let least = times.map(\.processor).min() ?? middle.processor
        let tiling = runner.tileCount == 1 ? "" : ", \(runner.tileCount) tiles"
        let multiplications = network.graph.multiplications(reference: size).values.reduce(0, +)
        return Measurement(
            name: "\(network.name) at \(size.width)×\(size.height) (\(engine.precision)\(tiling))", median: middle.wall,
            fastest: times[0].wall, processorTime: device.description.kind == .cpu ? least : nil, gigaflop: 2e-9 * multiplications,
            stages: times[0].stages)
    }

    /// A network of one convolution with a leaky ReLU.
    private static func convolution(inputs: Int, outputs: Int, kernel: Int) throws(NetworkError) -> Network {
        let noise = EngineCheck.noise(count: outputs * inputs * kernel * kernel, seed: 1).map { $0 - 0.5 }
        let graph =
            #"{"format": "\#(NetworkGraph.format)", "inputs": [{"name": "in", "channels": \#(inputs)}], "outputs": ["out"], "#
            + #""layers": [{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": \#(kernel), "out_channels": \#(outputs), "#
            + #""weight": "w", "activation": {"kind": "lrelu", "slope": 0.1}}]}"#
        return try Network(
            name: "convolution \(inputs)→\(outputs) \(kernel)×\(kernel)", graph: graph,
            tensors: ["w": Tensor(shape: [outputs, inputs, kernel, kernel], values: noise)])
    }

    /// Processor time of all threads of the process so far.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
