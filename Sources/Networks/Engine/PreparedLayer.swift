import GPU

/// A layer made ready for a device: which pipelines run it, and where its weights are.
struct PreparedLayer: Sendable {
    /// One dispatch of net_convolve: a group of output channels.
    struct Group: Sendable {
        let weights: WeightArena.Part
        let firstOutput: Int
        let outputs: Int
    }

    enum Body: Sendable {
        case convolve(groups: [Group], inputs: Int, tileX: Int, tileY: Int)
        /// Also net_transpose: the two take the same bindings.
        case plain(weights: WeightArena.Part)
        case combine(slopes: WeightArena.Part)
        /// Parts stand in for vectors that the layer does not name: ones for scales, zeros for shifts.
        case modulate(scales: WeightArena.Part, shifts: WeightArena.Part, slopes: WeightArena.Part)
        case shuffle
        case resize(Scale)
        case warp(most: Int)
        case pool(weights: WeightArena.Part)
        case linear(weights: WeightArena.Part)
        /// Channels one after the other, by copying.
        case concatenate
        case slice(start: Int)
    }

    let layer: Layer
    let body: Body
    let low: Float
    let high: Float
    /// In the order in which the body dispatches them.
    let pipelines: [PipelineDescription]
}

/// Prepares layers: chooses kernels and packs weights.
struct LayerPreparer {
    let network: Network
    let kernels: KernelTable
    private(set) var arena = WeightArena()

    init(network: Network, kernels: KernelTable) {
        self.network = network
        self.kernels = kernels
    }

    mutating func prepare(_ layer: Layer) throws(NetworkError) -> PreparedLayer {
        let graph = network.graph
        guard let output = graph.shapes[layer.output], let input = layer.inputs.first.flatMap({ graph.shapes[$0] }) else {
            throw .invalidUse(detail: "'\(layer.output)' has no shape")
        }
        // An element-wise op on a vector runs over a map of one channel: it has one slope.
        let slopeCount = output.kind == .vector && !layer.isLinear ? 1 : output.channels
        let activation = ActivationCode(layer.activation, channels: slopeCount, tensors: network.tensors)
        let kind: [UInt32: SpecializationValue] = [3: .uint(activation.kind)]
        let square = WorkgroupSize(8, 8)
        var pipelines: [PipelineDescription] = []
        let body: PreparedLayer.Body

        switch layer.operation {
        case .convolution(let kernel, let stride, let isDepthwise, let outChannels, let weight, let bias):
            let build =
                stride == 1 && !isDepthwise ? kernels.convolution(kernel: kernel, inputs: input.channels, outputs: outChannels) : nil
            if let build {
                pipelines = [PipelineDescription(build.shader, workgroup: square, constants: kind)]
                let groups = packGroups(
                    build, kernel: kernel, inputs: input.channels, outputs: outChannels, weight: values(weight),
                    bias: biases(bias, outChannels), slopes: activation.slopes)
                body = .convolve(groups: groups, inputs: input.channels, tileX: build.tile.x, tileY: build.tile.y)
            } else {
                let constants = kind.merging(
                    [4: .int(Int32(kernel)), 5: .int(Int32(stride)), 6: .bool(isDepthwise)], uniquingKeysWith: { $1 })
                pipelines = [PipelineDescription(kernels.convolvePlain, workgroup: square, constants: constants)]
                body = .plain(weights: arena.append(values(weight) + biases(bias, outChannels) + activation.slopes))
            }
        case .transposedConvolution(let kernel, let outChannels, let weight, let bias):
            let constants = kind.merging([4: .int(Int32(kernel))], uniquingKeysWith: { $1 })
            pipelines = [PipelineDescription(kernels.transpose, workgroup: square, constants: constants)]
            body = .plain(weights: arena.append(values(weight) + biases(bias, outChannels) + activation.slopes))
        case .add, .multiply:
            let constants = kind.merging([4: .bool(layer.operation == .multiply)], uniquingKeysWith: { $1 })
            pipelines = [PipelineDescription(kernels.combine(output.kind), workgroup: square, constants: constants)]
            body = .combine(slopes: arena.append(activation.slopes))
        case .activate, .modulate:
            pipelines = [PipelineDescription(kernels.modulate(output.kind), workgroup: square, constants: kind)]
            body = .modulate(
                scales: arena.append([Float](repeating: 1, count: slopeCount)),
                shifts: arena.append([Float](repeating: 0, count: slopeCount)), slopes: arena.append(activation.slopes))
        case .pixelShuffle(let factor):
            pipelines = [
                PipelineDescription(kernels.shuffle, workgroup: square, constants: [3: .int(Int32(factor)), 4: .bool(false)])
            ]
            body = .shuffle
        case .pixelUnshuffle(let factor):
            pipelines = [PipelineDescription(kernels.shuffle, workgroup: square, constants: [3: .int(Int32(factor)), 4: .bool(true)])]
            body = .shuffle
        case .resize(let mode, let scale):
            pipelines = [PipelineDescription(kernels.resize, workgroup: square, constants: [3: .bool(mode == .bicubic)])]
            body = .resize(scale)
        case .warp(let maximum):
            pipelines = [PipelineDescription(kernels.warp, workgroup: square)]
            body = .warp(most: maximum ?? Operation.unboundedDisplacement)
        case .globalAveragePool:
            pipelines = [
                PipelineDescription(kernels.sumRows, workgroup: WorkgroupSize(16, 4)),
                PipelineDescription(.netLinear, workgroup: WorkgroupSize(16), constants: [3: .uint(0), 4: .bool(true)]),
            ]
            body = .pool(weights: arena.append([]))
        case .linear(let outFeatures, let weight, let bias):
            let constants = kind.merging([4: .bool(false)], uniquingKeysWith: { $1 })
            pipelines = [PipelineDescription(.netLinear, workgroup: WorkgroupSize(16), constants: constants)]
            body = .linear(weights: arena.append(values(weight) + biases(bias, outFeatures) + activation.slopes))
        case .concatenate: body = .concatenate
        case .slice(let start, _): body = .slice(start: start)
        }
        return PreparedLayer(layer: layer, body: body, low: activation.low, high: activation.high, pipelines: pipelines)
    }

    private func values(_ tensor: String) -> [Float] { network.tensors[tensor]?.values ?? [] }

    private func biases(_ tensor: String?, _ count: Int) -> [Float] {
        tensor.map { values($0) } ?? [Float](repeating: 0, count: count)
    }

    /// Weights as net_convolve reads them, for each group of output channels.
    private mutating func packGroups(
        _ build: KernelTable.Convolution, kernel: Int, inputs: Int, outputs: Int, weight: [Float], bias: [Float], slopes: [Float]
    ) -> [PreparedLayer.Group] {
        let perOutput = inputs * kernel * kernel
        return stride(from: 0, to: outputs, by: build.outputs).map { first in
            let count = min(build.outputs, outputs - first)
            let channels = (first..<first + count).map { output in
                WeightPacking.Channel(
                    weights: weight[output * perOutput..<(output + 1) * perOutput], bias: bias[output], slope: slopes[output])
            }
            let words = build.packing.words(channels, padded: build.outputs, taps: kernel * kernel)
            return PreparedLayer.Group(weights: arena.append(words: words), firstOutput: first, outputs: count)
        }
    }
}

extension Layer {
    var isLinear: Bool { if case .linear = operation { true } else { false } }
}
