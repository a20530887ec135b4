package import GPU

/// Whether the operators of a run are timed one kind apart from the other.
package enum OperatorTiming: Sendable { case together, apart }

/// A network ready to run on pictures of one size, with buffers of its own.
///
/// Immutable. Its buffers are overwritten by every run; runs recorded one after the other on the device's queue do not
/// disturb each other.
package final class NetworkRunner: Sendable {
    package let engine: NetworkEngine
    /// Reference size.
    package let size: NetworkGraph.Size
    /// Shapes of the outputs as tensors: maps [channels, height, width], vectors [channels].
    package let outputShapes: [[Int]]
    /// Shapes of the inputs, likewise.
    package let inputShapes: [[Int]]
    package let tileCount: Int
    /// Bytes of the runner's own buffers.
    package let peakBytes: Int

    private let plan: NetworkPlan
    private let buffers: [Buffer]

    init(engine: NetworkEngine, plan: NetworkPlan) throws(GPUError) {
        let graph = engine.network.graph
        var buffers: [Buffer] = []
        for (index, bytes) in plan.slots.slotBytes.enumerated() {
            buffers.append(try engine.device.makeBuffer(byteCount: max(bytes, 4), label: "\(engine.network.name) slot \(index)"))
        }
        func tensorShape(_ shape: ValueShape) -> [Int] {
            guard shape.kind == .map else { return [shape.channels] }
            return [shape.channels, shape.scale.ceiling(of: plan.picture.height), shape.scale.ceiling(of: plan.picture.width)]
        }
        inputShapes = graph.inputs.map { tensorShape($0.shape) }
        if plan.aligned == plan.picture {
            // Sizes by the layers' own rules: where strides round up, they differ from the scales.
            let sizes = graph.sizes(reference: plan.picture)
            outputShapes = graph.outputs.compactMap { name in
                graph.shapes[name].map { shape in sizes[name].map { [shape.channels, $0.height, $0.width] } ?? [shape.channels] }
            }
        } else {
            outputShapes = graph.outputShapes.map(tensorShape)
        }
        self.engine = engine
        self.plan = plan
        self.buffers = buffers
        size = plan.picture
        tileCount = plan.tiling.tiles.count
        peakBytes = plan.slots.totalBytes
    }

    /// Records one run.
    ///
    /// - Parameters:
    ///   - inputs: one slice for each input of the graph, in order: planar 32-bit floats without padding, as `inputShapes`.
    ///   - outputs: one slice for each output, to be written likewise, as `outputShapes`. No output may overlap an input.
    ///   - timing: whether each kind of operator becomes a stage of its own, for measurements; else the caller's stage goes on.
    /// - Throws: `NetworkError.invalidUse` when a slice is too small; `GPUError`.
    package func record(
        into recorder: inout CommandRecorder, inputs: [BufferSlice], outputs: [BufferSlice], timing: OperatorTiming = .together
    ) throws {
        try verify(inputs, inputShapes, "inputs")
        try verify(outputs, outputShapes, "outputs")
        for tile in plan.tiling.tiles {
            let pass = TilePass(engine: engine, plan: plan, buffers: buffers, tile: tile)
            if timing == .apart { recorder.stage("import") }
            try pass.importInputs(into: &recorder, inputs, shapes: inputShapes)
            for layer in engine.layers {
                if timing == .apart { recorder.stage(layer.layer.operation.kind) }
                try pass.run(layer, into: &recorder)
            }
            if timing == .apart { recorder.stage("export") }
            try pass.exportOutputs(into: &recorder, outputs, shapes: outputShapes)
        }
    }

    private func verify(_ slices: [BufferSlice], _ shapes: [[Int]], _ what: String) throws(NetworkError) {
        guard slices.count == shapes.count else { throw .invalidUse(detail: "\(slices.count) \(what); needed \(shapes.count)") }
        for (slice, shape) in zip(slices, shapes) where slice.byteCount < shape.reduce(4, *) {
            throw .invalidUse(detail: "\(what): \(slice.byteCount) bytes for \(shape); needed \(shape.reduce(4, *))")
        }
    }
}
