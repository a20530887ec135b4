import FoundationEssentials
import GPU
import Networks

/// Makes networks for tests: a graph as JSON text and tensors of seeded noise, through a real file's bytes.
struct TestNetwork {
    var inputs = #"[{"name": "in", "channels": 3}]"#
    var outputs = #"["out"]"#
    var layers: [String] = []
    var tensors: [(name: String, tensor: Tensor)] = []
    var metadata = ["name": "test", "version": "1", "license": "CC0-1.0", "recipe_sha256": "0"]

    /// One layer from `in` (and more) to `out`.
    init(channels: Int = 3, _ layer: String, tensors: [(String, [Int])] = []) {
        inputs = #"[{"name": "in", "channels": \#(channels)}]"#
        layers = [layer]
        for (name, shape) in tensors { add(name, shape) }
    }

    init() {}

    /// Adds a tensor of values around zero, scaled so that sums stay near one.
    mutating func add(_ name: String, _ shape: [Int]) {
        let count = shape.reduce(1, *)
        let fan = max(1, shape.dropFirst().reduce(1, *))
        let scale = 2 / Float(fan).squareRoot()
        let values = Noise.values(count, seed: UInt32(tensors.count + 7)).map { ($0 - 0.5) * scale }
        tensors.append((name, Tensor(shape: shape, values: values)))
    }

    mutating func addConvolution(_ name: String, from source: String, _ inputs: Int, _ outputs: Int, kernel: Int = 3, more: String = "") {
        add("\(name).weight", [outputs, inputs, kernel, kernel])
        add("\(name).bias", [outputs])
        layers.append(
            #"{"op": "conv2d", "inputs": ["\#(source)"], "output": "\#(name)", "kernel": \#(kernel), "out_channels": \#(outputs), "#
                + #""weight": "\#(name).weight", "bias": "\#(name).bias"\#(more)}"#)
    }

    var graph: String {
        #"{"format": "remaster-network/1", "inputs": \#(inputs), "outputs": \#(outputs), "layers": [\#(layers.joined(separator: ","))]}"#
    }

    func network() throws -> Network {
        var metadata = metadata
        metadata["graph"] = graph
        return try Network(TestFile.parse(TestFile.bytes(metadata: metadata, tensors: tensors)))
    }
}

/// A safetensors file, written plainly.
enum TestFile {
    static func bytes(metadata: [String: String], tensors: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
        var entries: [String] = []
        var data: [UInt8] = []
        let text = try String(decoding: JSONEncoder().encode(metadata), as: UTF8.self)
        entries.append(#""__metadata__": \#(text)"#)
        for (name, tensor) in tensors {
            let begin = data.count
            for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
            entries.append(#""\#(name)": {"dtype": "F32", "shape": \#(tensor.shape), "data_offsets": [\#(begin), \#(data.count)]}"#)
        }
        return assemble(header: "{\(entries.joined(separator: ","))}", data: data)
    }

    static func assemble(header: String, data: [UInt8], length: UInt64? = nil) -> [UInt8] {
        let bytes = Array(header.utf8)
        return withUnsafeBytes(of: (length ?? UInt64(bytes.count)).littleEndian) { Array($0) } + bytes + data
    }

    static func parse(_ bytes: [UInt8]) throws -> Safetensors {
        try bytes.withUnsafeBytes { try Safetensors($0) }
    }
}

/// Seeded noise in [0, 1).
enum Noise {
    static func values(_ count: Int, seed: UInt32) -> [Float] {
        var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    static func tensor(_ shape: [Int], seed: UInt32 = 1, scale: Float = 1, offset: Float = 0) -> Tensor {
        Tensor(shape: shape, values: values(shape.reduce(1, *), seed: seed).map { $0 * scale + offset })
    }
}

/// One device for all network tests: opening one takes longer than most of them.
enum TestDevice {
    static let shared = Result { try Instance().openDevice() }
}

/// Runs a network on the device and by the reference executor.
enum Comparison {
    /// Largest difference of any output sample; infinite where shapes differ or values are not finite.
    static func difference(
        _ network: Network, inputs: [Tensor], size: NetworkGraph.Size, precision: Precision = .single,
        tiles: (across: Int, down: Int)? = nil
    ) async throws -> Double {
        let engine = try await NetworkEngine(network, on: TestDevice.shared.get(), precision: precision, verifies: false)
        let runner = try engine.plan(width: size.width, height: size.height, tiles: tiles)
        let results = try await runner.run(inputs)
        let references = try ReferenceExecutor.run(network, inputs: inputs, reference: size)
        guard results.map(\.shape) == references.map(\.shape) else { return .infinity }
        let pairs = zip(results, references).flatMap { zip($0.values, $1.values) }
        return pairs.reduce(0) { worst, pair in
            let difference = Double(abs(pair.0 - pair.1))
            return difference.isFinite ? max(worst, difference) : .infinity
        }
    }
}
