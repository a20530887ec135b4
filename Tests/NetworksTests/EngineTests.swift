import FoundationEssentials
import GPU
import Networks
import Testing

@Suite struct EngineTests {
    /// A restoration network in small: luma in, twice the size out.
    static func superResolution() throws -> Network {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": 1}]"#
        let leaky = #", "activation": {"kind": "lrelu", "slope": 0.1}"#
        test.addConvolution("a", from: "in", 1, 12, more: leaky)
        test.addConvolution("b", from: "a", 12, 12, more: leaky)
        test.addConvolution("c", from: "b", 12, 4)
        test.layers += [
            #"{"op": "pixel_shuffle", "inputs": ["c"], "output": "d", "factor": 2}"#,
            #"{"op": "resize", "inputs": ["in"], "output": "base", "mode": "bicubic", "scale": [2, 1]}"#,
            #"{"op": "add", "inputs": ["d", "base"], "output": "out"}"#,
        ]
        return try test.network()
    }

    /// Works at half size, with a warp: alignment 2 and three kinds of reach.
    static func restoration() throws -> Network {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": 1}, {"name": "half", "channels": 4, "scale": [1, 2]}]"#
        test.layers = [#"{"op": "pixel_unshuffle", "inputs": ["in"], "output": "u", "factor": 2}"#]
        test.addConvolution("a", from: "u", 4, 8)
        test.addConvolution("flow", from: "a", 8, 2)
        test.layers.append(#"{"op": "warp", "inputs": ["half", "flow"], "output": "w", "max_displacement": 4}"#)
        test.layers.append(#"{"op": "concat", "inputs": ["a", "w"], "output": "aw"}"#)
        test.addConvolution("b", from: "aw", 12, 4)
        test.layers += [
            #"{"op": "resize", "inputs": ["b"], "output": "r", "mode": "bilinear", "scale": [3, 2]}"#,
            #"{"op": "pixel_shuffle", "inputs": ["b"], "output": "out", "factor": 2}"#,
        ]
        test.outputs = #"["out", "r"]"#
        return try test.network()
    }

    private func bits(
        _ engine: NetworkEngine, _ size: NetworkGraph.Size, _ inputs: [Tensor], _ tiles: (across: Int, down: Int)?
    ) async throws -> [[UInt32]] {
        let runner = try engine.plan(width: size.width, height: size.height, tiles: tiles)
        if let tiles, tiles != (1, 1) { #expect(runner.tileCount > 1) }
        return try await runner.run(inputs).map { $0.values.map(\.bitPattern) }
    }

    @Test(
        "tiled results equal untiled ones to the bit",
        arguments: [NetworkGraph.Size(61, 47), NetworkGraph.Size(32, 90), NetworkGraph.Size(35, 21)],
        [(Precision.single, RegisterTile.large), (.single, .small), (.half, .small)])
    func tiling(size: NetworkGraph.Size, build: (precision: Precision, tile: RegisterTile)) async throws {
        for network in [try Self.superResolution(), try Self.restoration()] {
            let inputs = network.graph.inputs.enumerated().map { index, input in
                let scale = input.shape.scale == .one ? 1 : 2
                return Noise.tensor(
                    [input.shape.channels, (size.height + scale - 1) / scale, (size.width + scale - 1) / scale], seed: UInt32(index + 5))
            }
            let engine = try await NetworkEngine(
                network, on: TestDevice.shared.get(), precision: build.precision, tile: build.tile, verifies: false)
            let whole = try await bits(engine, size, inputs, (1, 1))
            for tiles in [(across: 2, down: 1), (across: 1, down: 3), (across: 4, down: 3)] {
                #expect(try await bits(engine, size, inputs, tiles) == whole, "\(tiles)")
            }
        }
    }

    @Test("planes may be larger than a binding: the same bits, in tiles that are not")
    func largePlanes() async throws {
        let limit = 64 << 10
        let size = NetworkGraph.Size(200, 120)
        #expect(size.width * size.height * 4 > limit)
        let input = Noise.tensor([1, size.height, size.width])
        let devices = [
            try TestDevice.shared.get(), try Instance().openDevice(options: DeviceOptions(maxStorageBufferRange: limit)),
        ]
        var results: [[Tensor]] = []
        for device in devices {
            let engine = try await NetworkEngine(Self.superResolution(), on: device)
            results.append(try await engine.plan(width: size.width, height: size.height).run([input]))
        }
        #expect(results[0] == results[1])
    }

    @Test("a memory budget makes tiles, and the same bits")
    func budget() async throws {
        let engine = try await NetworkEngine(Self.superResolution(), on: TestDevice.shared.get(), precision: .single)
        let size = NetworkGraph.Size(120, 90)
        let whole = try engine.plan(width: size.width, height: size.height)
        #expect(whole.tileCount == 1)
        let tiled = try engine.plan(width: size.width, height: size.height, memoryBudget: whole.peakBytes / 3)
        #expect(tiled.tileCount > 1)
        #expect(tiled.peakBytes <= whole.peakBytes / 3)
        let input = Noise.tensor([1, size.height, size.width])
        #expect(try await whole.run([input]) == tiled.run([input]))
        #expect(throws: NetworkError.self) { try engine.plan(width: size.width, height: size.height, memoryBudget: 1000) }
        // A share is what it may take, unless the smallest tile needs more.
        let least = try engine.plan(width: size.width, height: size.height, share: 1000)
        #expect(least.peakBytes > 1000 && least.peakBytes <= tiled.peakBytes)
        #expect(try await whole.run([input]) == least.run([input]))
    }

    @Test("results are the same bits run after run")
    func determinism() async throws {
        let engine = try await NetworkEngine(Self.superResolution(), on: TestDevice.shared.get())
        let runner = try engine.plan(width: 97, height: 61)
        let input = Noise.tensor([1, 61, 97])
        let first = try await runner.run([input])
        for _ in 0..<5 { #expect(try await runner.run([input]) == first) }
    }

    @Test("a whole network agrees with the reference in single precision, and within a stated loss in half")
    func agreement() async throws {
        let size = NetworkGraph.Size(45, 31)
        let network = try Self.superResolution()
        let input = Noise.tensor([1, size.height, size.width])
        #expect(try await Comparison.difference(network, inputs: [input], size: size) < 1e-5)
        // Maps and blocks of nine products in 16-bit floats: 11 bits of significand a layer.
        #expect(try await Comparison.difference(network, inputs: [input], size: size, precision: .half) < 1e-2)
    }

    @Test("the builds for GPUs give the same picture", arguments: [Precision.single, .half])
    func smallTiles(precision: Precision) async throws {
        var test = TestNetwork()
        test.addConvolution("a", from: "in", 3, 13, kernel: 1)
        test.addConvolution("b", from: "a", 13, 11)
        test.addConvolution("c", from: "b", 11, 3, kernel: 1)
        test.addConvolution("out", from: "c", 3, 2)
        let network = try test.network()
        let input = Noise.tensor([3, 21, 35])
        let reference = try ReferenceExecutor.run(network, inputs: [input])[0].values
        let device = try TestDevice.shared.get()
        for tile in [RegisterTile.small, .large] {
            let engine = try await NetworkEngine(network, on: device, precision: precision, tile: tile, verifies: false)
            let result = try await engine.plan(width: 35, height: 21).run([input])[0].values
            let worst = zip(result, reference).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < (precision == .half ? 1e-2 : 1e-5))
        }
    }

    @Test("the benchmark measures what it says")
    func benchmark() async throws {
        let measurement = try await NetworkBenchmark.measure(
            Self.superResolution(), on: TestDevice.shared.get(), size: NetworkGraph.Size(32, 16))
        #expect(measurement.gigaflop > 0)
        #expect(measurement.fastest <= measurement.median)
        #expect(measurement.description.contains("GFLOP/s"))
    }

    @Test("the pieces of one run may be recorded many times before anything is waited for")
    func pipelined() async throws {
        let device = try TestDevice.shared.get()
        let engine = try await NetworkEngine(Self.superResolution(), on: device)
        let runner = try engine.plan(width: 40, height: 30)
        let expected = try await (0..<4).asyncMap { try await runner.run([Noise.tensor([1, 30, 40], seed: UInt32($0 + 1))])[0].values }
        var pending: [(Submission, Buffer)] = []
        for seed in 0..<4 {
            let source = try device.makeBuffer(byteCount: 40 * 30 * 4, memory: .upload)
            try source.write(Noise.tensor([1, 30, 40], seed: UInt32(seed + 1)).values)
            let target = try device.makeBuffer(byteCount: 80 * 60 * 4, memory: .download)
            var recorder = try device.makeRecorder()
            try runner.record(into: &recorder, inputs: [source.all], outputs: [target.all])
            pending.append((try recorder.submit(), target))
        }
        for (index, (submission, target)) in pending.enumerated() {
            try await submission.wait()
            #expect(try target.read(Float.self, count: 80 * 60) == expected[index])
        }
    }

    @Test("a run that is handed over in many submissions gives the bytes of one, and the same kinds of operators their times")
    func parts() async throws {
        let network = try Self.superResolution()
        let samples = Noise.tensor([1, 47, 61]).values
        var results: [[UInt32]] = []
        var stages: [[String]] = []
        for limit in [DeviceOptions().largestSubmission, 1] {
            let device = try Instance().openDevice(options: DeviceOptions(largestSubmission: limit))
            let runner = try await NetworkEngine(network, on: device).plan(width: 61, height: 47, tiles: (2, 2))
            let source = try device.makeBuffer(byteCount: samples.count * 4, memory: .upload)
            try source.write(samples)
            let target = try device.makeBuffer(byteCount: 4 * samples.count * 4, memory: .download)
            var pending: [Submission] = []
            for _ in 0..<2 {
                var recorder = try device.makeRecorder()
                try runner.record(into: &recorder, inputs: [source.all], outputs: [target.all], timing: .apart)
                pending.append(try recorder.submit())
            }
            // Three convolutions and a resize on each of four tiles, each in a part of its own where the limit is that low.
            #expect(pending.allSatisfy { limit == 1 ? $0.partCount >= 16 : $0.partCount == 1 })
            for submission in pending { stages.append(try await submission.wait().map(\.name)) }
            results.append(try target.read(UInt32.self, count: 4 * samples.count))
        }
        #expect(results[0] == results[1])
        #expect(Set(stages).count == 1)
    }

    @Test("the pipelines of an engine are there at the next start")
    func keptPipelines() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "networks-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let device = try Instance().openDevice(options: DeviceOptions(pipelineCache: path))
        let engine = try await NetworkEngine(Self.superResolution(), on: device)
        #expect(FileManager.default.fileExists(atPath: path))
        let next = try Instance().openDevice(options: DeviceOptions(pipelineCache: path))
        #expect(device.keptPipelineBytes == 0 && next.keptPipelineBytes > 0)
        withExtendedLifetime(engine) {}
    }

    @Test("buffers that are too small, or too few, are refused")
    func misuse() async throws {
        let device = try TestDevice.shared.get()
        let engine = try await NetworkEngine(Self.superResolution(), on: device)
        let runner = try engine.plan(width: 8, height: 8)
        let buffer = try device.makeBuffer(byteCount: 8 * 8 * 4)
        var recorder = try device.makeRecorder()
        #expect(throws: NetworkError.self) { try runner.record(into: &recorder, inputs: [buffer.all], outputs: [buffer.all]) }
        #expect(throws: NetworkError.self) { try runner.record(into: &recorder, inputs: [], outputs: [buffer.all]) }
        #expect(throws: NetworkError.self) { try engine.plan(width: 0, height: 8) }
    }

    @Test("everything a runner and an engine held is given back")
    func leaks() async throws {
        let device = try Instance().openDevice()
        do {
            let engine = try await NetworkEngine(Self.superResolution(), on: device)
            _ = try engine.plan(width: 30, height: 20)
        }
        #expect(device.statistics.buffers == 0)
    }
}

extension Range<Int> {
    /// One after the other.
    fileprivate func asyncMap<Value>(_ transform: (Int) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}

/// Not a test but a measurement: runs only when asked for, and prints nothing but its table.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["REMASTER_BENCHMARK"] != nil, "set REMASTER_BENCHMARK to measure"))
struct EngineBenchmark {
    @Test("throughput of convolutions and networks") func table() async throws {
        var lines: [String] = []
        for measurement in try await NetworkBenchmark.run(on: TestDevice.shared.get()) { lines.append(measurement.description) }
        Attachment.record(lines.joined(separator: "\n"), named: "network-benchmark.txt")
        #expect(lines.count > 5)
    }
}
