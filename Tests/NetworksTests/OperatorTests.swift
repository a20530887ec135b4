import Networks
import Testing

/// Every operator against the reference executor over sizes of one sample, odd sizes and sizes beyond a workgroup, and over
/// channel counts that are no multiple of four.
@Suite struct OperatorTests {
    static let sizes = [NetworkGraph.Size(1, 1), NetworkGraph.Size(2, 5), NetworkGraph.Size(13, 7), NetworkGraph.Size(70, 37)]
    /// Sums of a few hundred products of numbers near one, in 32-bit floats.
    static let tolerance = 1e-5

    private func compare(_ test: TestNetwork, _ size: NetworkGraph.Size, inputs: [Tensor]? = nil, tolerance: Double = tolerance)
        async throws
    {
        let network = try test.network()
        let given =
            inputs
            ?? network.graph.inputs.enumerated().map { index, input in
                let shape =
                    input.shape.kind == .map ? [input.shape.channels, size.height, size.width] : [input.shape.channels]
                return Noise.tensor(shape, seed: UInt32(index + 1), scale: 2, offset: -1)
            }
        let difference = try await Comparison.difference(network, inputs: given, size: size)
        #expect(difference < tolerance, "\(size)")
    }

    @Test(
        "convolution, both kernel sizes, any channels",
        arguments: sizes, [(1, 1, 3), (3, 24, 3), (7, 4, 3), (5, 9, 3), (3, 16, 1), (24, 3, 1), (10, 13, 1)])
    func convolution(size: NetworkGraph.Size, shape: (Int, Int, Int)) async throws {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": \#(shape.0)}]"#
        test.addConvolution("out", from: "in", shape.0, shape.1, kernel: shape.2)
        try await compare(test, size)
    }

    @Test("convolution without bias")
    func unbiased() async throws {
        let layer = #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 3, "out_channels": 5, "weight": "w"}"#
        try await compare(TestNetwork(layer, tensors: [("w", [5, 3, 3, 3])]), NetworkGraph.Size(9, 6))
    }

    @Test("convolution with stride 2, and depthwise", arguments: sizes, [3, 1])
    func plainConvolution(size: NetworkGraph.Size, kernel: Int) async throws {
        var strided = TestNetwork()
        strided.addConvolution("a", from: "in", 3, 6, kernel: kernel, more: #", "stride": 2"#)
        strided.layers.append(#"{"op": "global_avg_pool", "inputs": ["a"], "output": "p"}"#)
        strided.outputs = #"["a", "p"]"#
        try await compare(strided, size)
        let depthwise =
            #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": \#(kernel), "out_channels": 3, "groups": 3, "weight": "w"}"#
        try await compare(TestNetwork(depthwise, tensors: [("w", [3, 1, kernel, kernel])]), size)
    }

    @Test("convolution whose weights do not fit a uniform buffer")
    func manyInputs() async throws {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": 460}]"#
        test.addConvolution("out", from: "in", 460, 2)
        try await compare(test, NetworkGraph.Size(9, 5), tolerance: 1e-4)
    }

    @Test("transposed convolution", arguments: sizes, [2, 4])
    func transposed(size: NetworkGraph.Size, kernel: Int) async throws {
        let layer =
            #"{"op": "conv_transpose2d", "inputs": ["in"], "output": "out", "kernel": \#(kernel), "out_channels": 5, "weight": "w", "#
            + #""bias": "b", "activation": {"kind": "relu"}}"#
        try await compare(TestNetwork(layer, tensors: [("w", [3, 5, kernel, kernel]), ("b", [5])]), size)
    }

    @Test(
        "activations, fused and alone",
        arguments: [
            #"{"kind": "relu"}"#, #"{"kind": "lrelu", "slope": 0.1}"#, #"{"kind": "prelu", "slope": "s"}"#,
            #"{"kind": "prelu", "slope": "one"}"#, #"{"kind": "clamp", "min": -0.25, "max": 0.5}"#, #"{"kind": "sigmoid"}"#,
            #"{"kind": "tanh"}"#,
        ])
    func activations(activation: String) async throws {
        var test = TestNetwork()
        test.add("s", [5])
        test.add("one", [1])
        test.addConvolution("a", from: "in", 3, 5, more: #", "activation": \#(activation)"#)
        test.layers.append(#"{"op": "activation", "inputs": ["a"], "output": "b", "activation": \#(activation)}"#)
        test.layers.append(#"{"op": "add", "inputs": ["a", "b"], "output": "out", "activation": \#(activation)}"#)
        try await compare(test, NetworkGraph.Size(11, 6))
    }

    @Test("sum and product", arguments: sizes, ["add", "mul"])
    func combine(size: NetworkGraph.Size, op: String) async throws {
        var test = TestNetwork(#"{"op": "\#(op)", "inputs": ["in", "other"], "output": "out"}"#)
        test.inputs = #"[{"name": "in", "channels": 3}, {"name": "other", "channels": 3}]"#
        try await compare(test, size)
    }

    @Test("concatenation and slices, of maps and of vectors", arguments: sizes)
    func channels(size: NetworkGraph.Size) async throws {
        var test = TestNetwork()
        test.inputs =
            #"[{"name": "in", "channels": 3}, {"name": "other", "channels": 5}, {"name": "v", "kind": "vector", "channels": 7}]"#
        test.layers = [
            #"{"op": "concat", "inputs": ["in", "other", "in"], "output": "all"}"#,
            #"{"op": "slice", "inputs": ["all"], "output": "out", "start": 2, "count": 7}"#,
            #"{"op": "concat", "inputs": ["v", "v"], "output": "vv"}"#,
            #"{"op": "slice", "inputs": ["vv"], "output": "vs", "start": 5, "count": 6}"#,
            #"{"op": "mul", "inputs": ["vs", "vs"], "output": "vout"}"#,
        ]
        test.outputs = #"["out", "all", "vv", "vout"]"#
        let vector = Noise.tensor([7], seed: 9)
        let maps = [3, 5].map { Noise.tensor([$0, size.height, size.width], seed: UInt32($0)) }
        try await compare(test, size, inputs: maps + [vector])
    }

    @Test("pixel shuffle and unshuffle", arguments: sizes, [2, 3, 4])
    func shuffle(size: NetworkGraph.Size, factor: Int) async throws {
        let channels = 2 * factor * factor
        let up = TestNetwork(
            channels: channels, #"{"op": "pixel_shuffle", "inputs": ["in"], "output": "out", "factor": \#(factor)}"#)
        try await compare(up, size)
        let down = TestNetwork(#"{"op": "pixel_unshuffle", "inputs": ["in"], "output": "out", "factor": \#(factor)}"#)
        try await compare(down, size)
    }

    @Test("resize", arguments: sizes, [("bicubic", 2, 1), ("bicubic", 3, 1), ("bilinear", 3, 2), ("bicubic", 1, 2), ("bilinear", 2, 3)])
    func resize(size: NetworkGraph.Size, scale: (String, Int, Int)) async throws {
        let layer =
            #"{"op": "resize", "inputs": ["in"], "output": "out", "mode": "\#(scale.0)", "scale": [\#(scale.1), \#(scale.2)]}"#
        try await compare(TestNetwork(layer), size)
    }

    @Test("warp, also beyond the borders", arguments: sizes, [#", "max_displacement": 3"#, ""])
    func warp(size: NetworkGraph.Size, bound: String) async throws {
        var test = TestNetwork(#"{"op": "warp", "inputs": ["in", "flow"], "output": "out"\#(bound)}"#)
        test.inputs = #"[{"name": "in", "channels": 3}, {"name": "flow", "channels": 2}]"#
        let picture = Noise.tensor([3, size.height, size.width], seed: 3)
        let flow = Noise.tensor([2, size.height, size.width], seed: 4, scale: 20, offset: -10)
        try await compare(test, size, inputs: [picture, flow])
    }

    @Test("mean over the picture, linear layers and modulation by their result", arguments: sizes)
    func condition(size: NetworkGraph.Size) async throws {
        var test = TestNetwork()
        test.add("w", [5, 3])
        test.add("b", [5])
        test.add("u", [3, 5])
        test.layers = [
            #"{"op": "global_avg_pool", "inputs": ["in"], "output": "p"}"#,
            #"{"op": "linear", "inputs": ["p"], "output": "h", "out_features": 5, "weight": "w", "bias": "b", "activation": {"kind": "tanh"}}"#,
            #"{"op": "linear", "inputs": ["h"], "output": "s", "out_features": 3, "weight": "u"}"#,
            #"{"op": "film", "inputs": ["in", "s"], "output": "one"}"#,
            #"{"op": "film", "inputs": ["one", "s", "p"], "output": "out", "activation": {"kind": "lrelu", "slope": 0.1}}"#,
            #"{"op": "activation", "inputs": ["h"], "output": "v", "activation": {"kind": "sigmoid"}}"#,
        ]
        test.outputs = #"["out", "p", "s", "v"]"#
        try await compare(test, size)
    }
}
