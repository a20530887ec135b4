import GPU

/// One tile's run through the network: where each value lies, and the dispatches of each layer.
struct TilePass {
    let engine: NetworkEngine
    let plan: NetworkPlan
    let buffers: [Buffer]
    let tile: Tile
    private let sizes: [String: NetworkGraph.Size]
    private let byteCounts: [String: Int]
    private let operations: [String: Double]

    init(engine: NetworkEngine, plan: NetworkPlan, buffers: [Buffer], tile: Tile) {
        self.engine = engine
        self.plan = plan
        self.buffers = buffers
        self.tile = tile
        let extent = NetworkGraph.Size(tile.extent.width, tile.extent.height)
        sizes = engine.network.graph.sizes(reference: extent)
        byteCounts = NetworkPlan.byteCounts(engine.network.graph, extent: extent, sampleBytes: engine.precision.sampleBytes)
        operations = plan.operations[extent] ?? [:]
    }

    /// Floating-point operations of a layer.
    func operations(of layer: Layer) -> Double { operations[layer.output] ?? 0 }

    // MARK: Places

    func slice(_ name: String) throws -> BufferSlice {
        guard let slot = plan.slots.slots[name], let bytes = byteCounts[name], buffers.indices.contains(slot) else {
            throw NetworkError.invalidUse(detail: "'\(name)' has no buffer")
        }
        return try buffers[slot].slice(byteOffset: 0, byteCount: bytes)
    }

    func shape(_ name: String) throws(NetworkError) -> ValueShape {
        guard let shape = engine.network.graph.shapes[name] else { throw .invalidUse(detail: "'\(name)' is not defined") }
        return shape
    }

    func layout(_ name: String) throws(NetworkError) -> MapLayout {
        let shape = try shape(name)
        guard shape.kind == .map else { return MapLayout(vectorOf: shape.channels) }
        guard let size = sizes[name] else { throw .invalidUse(detail: "'\(name)' has no size") }
        return MapLayout(size)
    }

    // MARK: Borders

    func importInputs(into recorder: inout CommandRecorder, _ inputs: [BufferSlice], shapes: [[Int]]) throws {
        let pipeline = try engine.pipeline(NetworkEngine.importing(engine.kernels))
        for (index, input) in engine.network.graph.inputs.enumerated() {
            let target = try slice(input.name)
            guard input.shape.kind == .map else {
                try copyVector(&recorder, from: inputs[index], to: target, channels: input.shape.channels)
                continue
            }
            let layout = try layout(input.name)
            // A tile of a tiled network starts on a whole sample; one that is the whole picture starts at 0.
            let origin = tile.extent.scaled(by: input.shape.scale)
            let parameters = ImportParameters(
                sourceWidth: Int32(shapes[index][2]), sourceHeight: Int32(shapes[index][1]), left: Int32(origin.left),
                top: Int32(origin.top),
                width: Int32(layout.width), height: Int32(layout.height), stride: Int32(layout.stride), plane: Int32(layout.plane),
                channels: Int32(input.shape.channels))
            try recorder.dispatch(
                pipeline, [inputs[index], target], push: parameters, invocations: (layout.stride, layout.height, input.shape.channels))
        }
    }

    func exportOutputs(into recorder: inout CommandRecorder, _ outputs: [BufferSlice], shapes: [[Int]]) throws {
        let pipeline = try engine.pipeline(NetworkEngine.exporting(engine.kernels))
        for (index, name) in engine.network.graph.outputs.enumerated() {
            let source = try slice(name)
            let shape = try shape(name)
            guard shape.kind == .map else {
                let bytes = shape.channels * 4
                try recorder.copy(
                    from: source.buffer.slice(byteOffset: 0, byteCount: bytes),
                    to: outputs[index].buffer.slice(byteOffset: outputs[index].byteOffset, byteCount: bytes))
                continue
            }
            let layout = try layout(name)
            let isWhole = plan.tiling.tiles.count == 1
            let core = tile.core.scaled(by: shape.scale)
            let extent = tile.extent.scaled(by: shape.scale)
            let (planeHeight, planeWidth) = (shapes[index][1], shapes[index][2])
            // What alignment added at the right and bottom is cropped.
            let width = isWhole ? min(layout.width, planeWidth) : min(core.width, planeWidth - core.left)
            let height = isWhole ? min(layout.height, planeHeight) : min(core.height, planeHeight - core.top)
            guard width > 0, height > 0 else { continue }
            let parameters = ExportParameters(
                sourceLeft: Int32(core.left - extent.left), sourceTop: Int32(core.top - extent.top), sourceStride: Int32(layout.stride),
                sourcePlane: Int32(layout.plane), left: Int32(core.left), top: Int32(core.top), width: Int32(width), height: Int32(height),
                planeWidth: Int32(planeWidth), planeHeight: Int32(planeHeight), channels: Int32(shape.channels))
            try recorder.dispatch(
                pipeline, [source, outputs[index]], push: parameters, invocations: ((width + 3) / 4, height, shape.channels))
        }
    }

    /// Copies a vector and clears what pads it.
    func copyVector(_ recorder: inout CommandRecorder, from source: BufferSlice, to target: BufferSlice, channels: Int) throws {
        try recorder.fill(target, word: 0)
        try recorder.copy(
            from: source.buffer.slice(byteOffset: source.byteOffset, byteCount: channels * 4),
            to: target.buffer.slice(byteOffset: target.byteOffset, byteCount: channels * 4))
    }
}
