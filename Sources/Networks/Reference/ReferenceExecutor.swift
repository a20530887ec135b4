/// Runs a network on the processor in Double, by the plainest code there is: the oracle of every kernel, and enough for
/// tiny networks such as a condition's.
package enum ReferenceExecutor {
    /// - Parameters:
    ///   - inputs: one tensor for each of the graph's inputs, in order: maps [channels, height, width], vectors [channels].
    ///   - reference: size that the maps' scales refer to; nil: the size of the first input of scale 1.
    /// - Returns: the outputs in order.
    /// - Throws: `invalidUse` when the inputs do not fit the graph.
    package static func run(
        _ network: Network, inputs: [Tensor], reference: NetworkGraph.Size? = nil
    ) throws(NetworkError) -> [Tensor] {
        let graph = network.graph
        let size = try referenceSize(graph, inputs, wish: reference)
        let aligned = NetworkGraph.Size(
            (size.width + graph.alignment - 1) / graph.alignment * graph.alignment,
            (size.height + graph.alignment - 1) / graph.alignment * graph.alignment)
        var values: [String: ReferenceValue] = [:]
        for (input, tensor) in zip(graph.inputs, inputs) {
            let value = ReferenceValue(tensor)
            let scale = input.shape.scale
            values[input.name] =
                input.shape.kind == .vector
                ? value : value.resized(width: scale.ceiling(of: aligned.width), height: scale.ceiling(of: aligned.height))
        }
        for layer in graph.layers {
            let given = layer.inputs.compactMap { values[$0] }
            guard given.count == layer.inputs.count else { throw .invalidUse(detail: "'\(layer.output)' lacks an input") }
            let plain = ReferenceOperators.apply(layer.operation, given, tensors: network.tensors)
            values[layer.output] = ReferenceOperators.activate(layer.activation, plain, tensors: network.tensors)
        }
        return graph.outputs.compactMap { name in
            guard let value = values[name], let shape = graph.shapes[name] else { return nil }
            guard shape.kind == .map else { return Tensor(shape: [value.channels], values: value.samples.map(Float.init)) }
            let width = aligned == size ? value.width : shape.scale.ceiling(of: size.width)
            let height = aligned == size ? value.height : shape.scale.ceiling(of: size.height)
            let cropped = value.resized(width: width, height: height)
            return Tensor(shape: [value.channels, height, width], values: cropped.samples.map(Float.init))
        }
    }

    private static func referenceSize(
        _ graph: NetworkGraph, _ inputs: [Tensor], wish: NetworkGraph.Size?
    ) throws(NetworkError) -> NetworkGraph.Size {
        guard inputs.count == graph.inputs.count else {
            throw .invalidUse(detail: "\(inputs.count) inputs; the network takes \(graph.inputs.count)")
        }
        var size = wish
        for (input, tensor) in zip(graph.inputs, inputs) where size == nil && input.shape.kind == .map && input.shape.scale == .one {
            if tensor.shape.count == 3 { size = NetworkGraph.Size(tensor.shape[2], tensor.shape[1]) }
        }
        let found = size ?? NetworkGraph.Size(1, 1)
        for (input, tensor) in zip(graph.inputs, inputs) {
            let scale = input.shape.scale
            let needed =
                input.shape.kind == .vector
                ? [input.shape.channels] : [input.shape.channels, scale.ceiling(of: found.height), scale.ceiling(of: found.width)]
            guard tensor.shape == needed, !tensor.values.isEmpty else {
                throw .invalidUse(detail: "input '\(input.name)' is \(tensor.shape); needed \(needed)")
            }
        }
        return found
    }
}
