extension NetworkGraph {
    /// A size in samples.
    package struct Size: Sendable, Equatable, Hashable {
        package var width: Int
        package var height: Int

        package init(_ width: Int, _ height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// Whether some operator sees the whole picture: then there is no tiling.
    package var seesWholePicture: Bool {
        layers.contains { layer in
            switch layer.operation {
            case .globalAveragePool: true
            case .warp(let maximum): maximum == nil
            default: false
            }
        }
    }

    /// The picture is extended, by edge replication at the right and the bottom, to a multiple of this many reference
    /// samples, so that every value has a whole size; the outputs are cropped.
    ///
    /// A network that sees the whole picture is run at the very size instead, but for what unshuffling demands.
    package var alignment: Int {
        var alignment = 1
        for layer in layers {
            if case .pixelUnshuffle = layer.operation { alignment = leastCommonMultiple(alignment, denominator(layer.output)) }
        }
        guard !seesWholePicture else { return alignment }
        return shapes.values.reduce(alignment) { leastCommonMultiple($0, $1.scale.denominator) }
    }

    private func denominator(_ name: String) -> Int { shapes[name]?.scale.denominator ?? 1 }

    /// Reference samples on each side that an output sample can depend on; nil when it sees the whole picture.
    package var halo: Int? {
        guard !seesWholePicture else { return nil }
        // Backwards: how far beyond the outputs' area each value is needed.
        var reach: [String: Double] = [:]
        for layer in layers.reversed() {
            let needed = reach[layer.output, default: 0]
            for (index, name) in layer.inputs.enumerated() {
                guard let shape = shapes[name], shape.kind == .map else { continue }
                let radius = Double(layer.operation.radius(ofInput: index)) / shape.scale.value
                reach[name] = max(reach[name, default: 0], needed + radius)
            }
        }
        let most = inputs.map { reach[$0.name, default: 0] }.max() ?? 0
        return Int(most.rounded(.up))
    }

    /// Size of every value of a picture of this reference size (a multiple of `alignment`); vectors are left out.
    func sizes(reference: Size) -> [String: Size] {
        var sizes: [String: Size] = [:]
        for input in inputs where input.shape.kind == .map {
            sizes[input.name] = Size(input.shape.scale.ceiling(of: reference.width), input.shape.scale.ceiling(of: reference.height))
        }
        for layer in layers {
            guard shapes[layer.output]?.kind == .map, let size = layer.inputs.first.flatMap({ sizes[$0] }) else { continue }
            sizes[layer.output] = layer.operation.outputSize(size)
        }
        return sizes
    }

    /// Multiplications of each layer, by output name, for a picture of this reference size.
    package func multiplications(reference: Size) -> [String: Double] {
        let sizes = sizes(reference: reference)
        var counts: [String: Double] = [:]
        for layer in layers {
            guard let input = layer.inputs.first, let from = shapes[input], let to = shapes[layer.output] else { continue }
            let samples = sizes[layer.output].map { Double($0.width) * Double($0.height) } ?? 1
            let perSample: Double =
                switch layer.operation {
                case .convolution(let kernel, _, let isDepthwise, let outChannels, _, _):
                    Double(outChannels * kernel * kernel * (isDepthwise ? 1 : from.channels))
                case .transposedConvolution(let kernel, let outChannels, _, _): Double(outChannels * from.channels * kernel * kernel) / 4
                case .linear(let outFeatures, _, _): Double(outFeatures * from.channels)
                case .resize(let mode, _): Double(to.channels * (mode == .bicubic ? 16 : 4))
                case .warp: Double(to.channels * 4)
                case .multiply, .modulate: Double(to.channels)
                default: 0
                }
            counts[layer.output] = samples * perSample
        }
        return counts
    }

    /// Multiplications per reference sample, at a size that is large and even.
    package var multiplicationsPerReferenceSample: Double {
        let side = 64 * alignment
        return multiplications(reference: Size(side, side)).values.reduce(0, +) / Double(side * side)
    }
}

extension Operation {
    /// What flow is clamped to, in pixels, where the graph sets no bound: beyond any picture, within any integer.
    static let unboundedDisplacement = 1 << 20

    /// Samples of this input, on each side, that an output sample can depend on.
    func radius(ofInput index: Int) -> Int {
        switch self {
        case .convolution(let kernel, _, _, _, _, _): kernel / 2
        case .transposedConvolution(let kernel, _, _, _): kernel == 4 ? 1 : 0
        // One more than the taps on one side: the position itself is rounded when sizes shrink.
        case .resize(let mode, _): mode == .bicubic ? 3 : 2
        case .warp(let maximum): index == 0 ? (maximum ?? 0) + 1 : 0
        default: 0
        }
    }

    /// Size of the output map for an input map of this size.
    func outputSize(_ size: NetworkGraph.Size) -> NetworkGraph.Size {
        switch self {
        case .convolution(_, let stride, _, _, _, _):
            NetworkGraph.Size((size.width + stride - 1) / stride, (size.height + stride - 1) / stride)
        case .transposedConvolution: NetworkGraph.Size(size.width * 2, size.height * 2)
        case .pixelShuffle(let factor): NetworkGraph.Size(size.width * factor, size.height * factor)
        case .pixelUnshuffle(let factor): NetworkGraph.Size(size.width / factor, size.height / factor)
        case .resize(_, let scale):
            NetworkGraph.Size(
                size.width * scale.numerator / scale.denominator, size.height * scale.numerator / scale.denominator)
        default: size
        }
    }
}

func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return a / x * b
}
