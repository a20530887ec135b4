/// The shape rule of each operator: what it takes, what it makes, and which tensors it needs.
struct ShapeRules {
    let layer: Layer
    let tensors: [String: Tensor]

    /// Shape of the layer's output, given those of the values before it.
    func outputShape(given shapes: [String: ValueShape]) throws(NetworkError) -> ValueShape {
        var inputs: [ValueShape] = []
        for name in layer.inputs {
            guard let shape = shapes[name] else { throw wrong("input '\(name)' is not defined") }
            inputs.append(shape)
        }
        let first = inputs[0]
        let output = try self.output(first, inputs)
        guard output.channels <= NetworkGraph.maximumChannels else { throw wrong("\(output.channels) channels") }
        guard output.scale.numerator <= 64, output.scale.denominator <= 64 else { throw wrong("a scale beyond 64") }
        if case .learnedSlope(let name) = layer.activation {
            let count = try tensor(name).values.count
            guard count == 1 || (count == output.channels && output.kind == .map) || (count == output.channels && isLinear) else {
                throw wrong("slope '\(name)' of \(count) values for \(output.channels) channels")
            }
        }
        return output
    }

    private var isLinear: Bool { if case .linear = layer.operation { true } else { false } }

    private func output(_ first: ValueShape, _ inputs: [ValueShape]) throws(NetworkError) -> ValueShape {
        func map(_ channels: Int, _ scale: Scale) -> ValueShape { ValueShape(kind: .map, channels: channels, scale: scale) }
        switch layer.operation {
        case .convolution(let kernel, let stride, let isDepthwise, let outChannels, let weight, let bias):
            try demandMap(first)
            guard !isDepthwise || first.channels == outChannels else {
                throw wrong("depthwise from \(first.channels) to \(outChannels) channels")
            }
            try demand(weight, [outChannels, isDepthwise ? 1 : first.channels, kernel, kernel])
            try demand(bias, outChannels)
            return map(outChannels, stride == 1 ? first.scale : first.scale * Scale(1, 2))
        case .transposedConvolution(let kernel, let outChannels, let weight, let bias):
            try demandMap(first)
            try demand(weight, [first.channels, outChannels, kernel, kernel])
            try demand(bias, outChannels)
            return map(outChannels, first.scale * Scale(2, 1))
        case .add, .multiply:
            guard inputs[1] == first else { throw wrong("its inputs differ in shape") }
            return first
        case .activate: return first
        case .concatenate:
            guard inputs.allSatisfy({ $0.kind == first.kind && $0.scale == first.scale }) else { throw wrong("its inputs differ in size") }
            return ValueShape(kind: first.kind, channels: inputs.map(\.channels).reduce(0, +), scale: first.scale)
        case .slice(let start, let count):
            guard start + count <= first.channels else { throw wrong("channels \(start)..<\(start + count) of \(first.channels)") }
            return ValueShape(kind: first.kind, channels: count, scale: first.scale)
        case .pixelShuffle(let factor):
            try demandMap(first)
            guard first.channels.isMultiple(of: factor * factor) else { throw wrong("\(first.channels) channels shuffled by \(factor)") }
            return map(first.channels / (factor * factor), first.scale * Scale(factor, 1))
        case .pixelUnshuffle(let factor):
            try demandMap(first)
            return map(first.channels * factor * factor, first.scale * Scale(1, factor))
        case .resize(_, let scale):
            try demandMap(first)
            return map(first.channels, first.scale * scale)
        case .warp:
            try demandMap(first)
            guard inputs[1] == map(2, first.scale) else { throw wrong("a flow has 2 channels and the size of its picture") }
            return first
        case .globalAveragePool:
            try demandMap(first)
            return ValueShape(kind: .vector, channels: first.channels, scale: .one)
        case .linear(let outFeatures, let weight, let bias):
            guard first.kind == .vector else { throw wrong("its input is no vector") }
            try demand(weight, [outFeatures, first.channels])
            try demand(bias, outFeatures)
            return ValueShape(kind: .vector, channels: outFeatures, scale: .one)
        case .modulate:
            try demandMap(first)
            guard inputs.dropFirst().allSatisfy({ $0.kind == .vector && $0.channels == first.channels }) else {
                throw wrong("scale and shift are vectors of \(first.channels)")
            }
            return first
        }
    }

    private func demandMap(_ shape: ValueShape) throws(NetworkError) {
        guard shape.kind == .map else { throw wrong("its input is no map") }
    }

    private func tensor(_ name: String) throws(NetworkError) -> Tensor {
        guard let tensor = tensors[name] else { throw wrong("tensor '\(name)' is missing") }
        return tensor
    }

    private func demand(_ name: String, _ shape: [Int]) throws(NetworkError) {
        let found = try tensor(name).shape
        guard found == shape else { throw wrong("tensor '\(name)' is \(found); needed \(shape)") }
    }

    private func demand(_ bias: String?, _ count: Int) throws(NetworkError) {
        if let bias { try demand(bias, [count]) }
    }

    private func wrong(_ detail: String) -> NetworkError { .invalidGraph(layer: layer.output, detail: detail) }
}
