extension Layer {
    /// Reads one entry of a graph's `layers`.
    init(_ entry: [String: JSONValue]) throws(NetworkError) {
        let output = entry["output"]?.string ?? "graph"
        var fields = GraphFields(entry, layer: output)
        let op = try fields.string("op")
        self.output = try fields.string("output")
        inputs = try fields.strings("inputs")
        operation = try Self.operation(op, &fields)
        activation =
            try fields.object("activation").map { entry throws(NetworkError) in try Self.activation(entry, layer: output) } ?? .none
        try fields.finish()
        try verifyActivation()
        try verifyInputCount(op)
    }

    private static func operation(_ op: String, _ fields: inout GraphFields) throws(NetworkError) -> Operation {
        let channels = 1...NetworkGraph.maximumChannels
        switch op {
        case "conv2d":
            let kernel = try fields.integer("kernel", in: 1...3)
            guard kernel != 2 else { throw fields.wrong("'kernel' is 2; allowed 1, 3") }
            let outChannels = try fields.integer("out_channels", in: channels)
            let groups = try fields.integer("groups", in: channels, default: 1)
            guard groups == 1 || groups == outChannels else {
                throw fields.wrong("'groups' is \(groups); allowed 1 or out_channels (depthwise)")
            }
            // One channel in one group is the same both ways; the shape rule of depthwise settles larger ones.
            return .convolution(
                kernel: kernel, stride: try fields.integer("stride", in: 1...2, default: 1), isDepthwise: groups > 1,
                outChannels: outChannels, weight: try fields.string("weight"), bias: try fields.optionalString("bias"))
        case "conv_transpose2d":
            let kernel = try fields.integer("kernel", in: 2...4)
            guard kernel != 3 else { throw fields.wrong("'kernel' is 3; allowed 2, 4") }
            _ = try fields.integer("stride", in: 2...2, default: 2)
            return .transposedConvolution(
                kernel: kernel, outChannels: try fields.integer("out_channels", in: channels), weight: try fields.string("weight"),
                bias: try fields.optionalString("bias"))
        case "add": return .add
        case "mul": return .multiply
        case "activation": return .activate
        case "concat": return .concatenate
        case "slice":
            return .slice(
                start: try fields.integer("start", in: 0...(NetworkGraph.maximumChannels - 1)),
                count: try fields.integer("count", in: channels))
        case "pixel_shuffle": return .pixelShuffle(try fields.integer("factor", in: 2...4))
        case "pixel_unshuffle": return .pixelUnshuffle(try fields.integer("factor", in: 2...4))
        case "resize":
            let text = try fields.string("mode")
            guard let mode = ResizeMode(rawValue: text) else { throw fields.wrong("mode '\(text)'; allowed bilinear, bicubic") }
            guard let scale = try fields.scale("scale") else { throw fields.wrong("'scale' is missing") }
            return .resize(mode, scale)
        case "warp":
            let unbounded = 0
            let maximum = try fields.integer("max_displacement", in: 0...256, default: unbounded)
            return .warp(maximum: maximum == unbounded ? nil : maximum)
        case "global_avg_pool": return .globalAveragePool
        case "linear":
            return .linear(
                outFeatures: try fields.integer("out_features", in: channels), weight: try fields.string("weight"),
                bias: try fields.optionalString("bias"))
        case "film": return .modulate
        default: throw fields.wrong("unknown op '\(op)'")
        }
    }

    private static func activation(_ entry: [String: JSONValue], layer: String) throws(NetworkError) -> Activation {
        var fields = GraphFields(entry, layer: layer)
        let kind = try fields.string("kind")
        let activation: Activation
        switch kind {
        case "relu": activation = .slope(0)
        case "lrelu": activation = .slope(try fields.number("slope"))
        case "prelu": activation = .learnedSlope(tensor: try fields.string("slope"))
        case "clamp":
            let (low, high) = (try fields.number("min"), try fields.number("max"))
            guard low <= high else { throw fields.wrong("clamp from \(low) to \(high)") }
            activation = .clamp(low, high)
        case "sigmoid": activation = .sigmoid
        case "tanh": activation = .tanh
        default: throw fields.wrong("unknown activation '\(kind)'")
        }
        try fields.finish()
        return activation
    }

    private func verifyActivation() throws(NetworkError) {
        switch operation {
        case .activate where activation == .none: throw .invalidGraph(layer: output, detail: "'activation' is missing")
        case .concatenate, .slice, .pixelShuffle, .pixelUnshuffle, .resize, .warp, .globalAveragePool:
            guard activation == .none else { throw .invalidGraph(layer: output, detail: "this op takes no activation") }
        default: break
        }
    }

    private func verifyInputCount(_ op: String) throws(NetworkError) {
        let allowed =
            switch operation {
            case .add, .multiply, .warp: 2...2
            case .concatenate: 2...8
            case .modulate: 2...3
            default: 1...1
            }
        guard allowed.contains(inputs.count) else {
            throw .invalidGraph(layer: output, detail: "\(inputs.count) inputs; \(op) takes \(allowed)")
        }
    }
}
