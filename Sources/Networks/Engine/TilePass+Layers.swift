import GPU

extension TilePass {
    /// Records one layer.
    func run(_ prepared: PreparedLayer, into recorder: inout CommandRecorder) throws {
        let layer = prepared.layer
        let target = try slice(layer.output)
        let (from, to) = (try layout(layer.inputs[0]), try layout(layer.output))
        let (inputShape, outputShape) = (try shape(layer.inputs[0]), try shape(layer.output))
        let source = try slice(layer.inputs[0])
        var pipelines: [ComputePipeline] = []
        for description in prepared.pipelines { pipelines.append(try engine.pipeline(description)) }
        let whole = (to.stride, to.height, outputShape.channels)
        let work = operations(of: layer)

        switch prepared.body {
        case .convolve(let groups, let inputs, let tileX, let tileY):
            for group in groups {
                let parameters = ConvolveParameters(
                    width: Int32(to.width), height: Int32(to.height), stride: Int32(to.stride), plane: Int32(to.plane),
                    inputs: Int32(inputs),
                    firstOutput: Int32(group.firstOutput), outputs: Int32(group.outputs), low: prepared.low, high: prepared.high)
                try recorder.dispatch(
                    pipelines[0], [source, target, try engine.uniforms(group.weights)], push: parameters,
                    invocations: (to.stride * 4 / tileX, (to.height + tileY - 1) / tileY, 1),
                    operations: work * Double(group.outputs) / Double(outputShape.channels))
            }
        case .plain(let weights):
            let parameters = PlainParameters(
                sourceWidth: Int32(from.width), sourceHeight: Int32(from.height), sourceStride: Int32(from.stride),
                sourcePlane: Int32(from.plane), width: Int32(to.width), height: Int32(to.height), stride: Int32(to.stride),
                plane: Int32(to.plane), inputs: Int32(inputShape.channels), outputs: Int32(outputShape.channels), low: prepared.low,
                high: prepared.high)
            try recorder.dispatch(
                pipelines[0], [source, try engine.slice(weights), target], push: parameters, invocations: whole, operations: work)
        case .combine(let slopes):
            let parameters = elements(to, outputShape, prepared)
            try recorder.dispatch(
                pipelines[0], [source, try slice(layer.inputs[1]), try engine.slice(slopes), target], push: parameters,
                invocations: (to.stride, to.height, Int(parameters.channels)), operations: work)
        case .modulate(let scales, let shifts, let slopes):
            let parameters = elements(to, outputShape, prepared)
            let scale = try layer.inputs.count > 1 ? slice(layer.inputs[1]) : engine.slice(scales)
            let shift = try layer.inputs.count > 2 ? slice(layer.inputs[2]) : engine.slice(shifts)
            try recorder.dispatch(
                pipelines[0], [source, scale, shift, try engine.slice(slopes), target], push: parameters,
                invocations: (to.stride, to.height, Int(parameters.channels)), operations: work)
        case .shuffle:
            let parameters = ShuffleParameters(
                sourceStride: Int32(from.stride), sourcePlane: Int32(from.plane), width: Int32(to.width), height: Int32(to.height),
                stride: Int32(to.stride), plane: Int32(to.plane), channels: Int32(outputShape.channels))
            try recorder.dispatch(pipelines[0], [source, target], push: parameters, invocations: whole)
        case .resize(let scale):
            let parameters = ResizeParameters(
                sourceWidth: Int32(from.width), sourceHeight: Int32(from.height), sourceStride: Int32(from.stride),
                sourcePlane: Int32(from.plane), width: Int32(to.width), height: Int32(to.height), stride: Int32(to.stride),
                plane: Int32(to.plane), channels: Int32(outputShape.channels), numerator: Int32(scale.numerator),
                denominator: Int32(scale.denominator))
            try recorder.dispatch(pipelines[0], [source, target], push: parameters, invocations: whole, operations: work)
        case .warp(let most):
            let parameters = WarpParameters(
                width: Int32(to.width), height: Int32(to.height), stride: Int32(to.stride), plane: Int32(to.plane),
                channels: Int32(outputShape.channels), most: Float(most))
            try recorder.dispatch(
                pipelines[0], [source, try slice(layer.inputs[1]), target], push: parameters, invocations: whole, operations: work)
        case .pool(let weights):
            try pool(&recorder, pipelines, source: source, from: from, channels: inputShape.channels, weights: weights, layer: layer)
        case .linear(let weights):
            let parameters = LinearParameters(
                columns: Int32(inputShape.channels), rows: Int32(outputShape.channels), padded: Int32(to.stride * 4), factor: 1,
                low: prepared.low, high: prepared.high)
            try recorder.dispatch(
                pipelines[0], [source, try engine.slice(weights), target], push: parameters, invocations: (to.stride * 4, 1, 1),
                operations: work)
        case .concatenate: try concatenate(&recorder, layer, target: target)
        case .slice(let start):
            let bytes = inputShape.kind == .map ? to.plane * 4 * engine.precision.sampleBytes : 4
            let part = try source.buffer.slice(byteOffset: start * bytes, byteCount: outputShape.channels * bytes)
            if inputShape.kind == .map {
                try recorder.copy(from: part, to: target)
            } else {
                try copyVector(&recorder, from: part, to: target, channels: outputShape.channels)
            }
        }
    }

    /// An element-wise op over a map, or over a vector as a map of one channel.
    private func elements(_ layout: MapLayout, _ shape: ValueShape, _ prepared: PreparedLayer) -> ElementParameters {
        ElementParameters(
            width: Int32(layout.width), height: Int32(layout.height), stride: Int32(layout.stride), plane: Int32(layout.plane),
            channels: shape.kind == .map ? Int32(shape.channels) : 1, low: prepared.low, high: prepared.high)
    }

    /// Sums of rows, then their mean: two passes in a fixed order, so that the bits are the same every time.
    private func pool(
        _ recorder: inout CommandRecorder, _ pipelines: [ComputePipeline], source: BufferSlice, from: MapLayout, channels: Int,
        weights: WeightArena.Part, layer: Layer
    ) throws {
        let sums = try slice(SlotPlan.rowSums(of: layer.output))
        let rows = RowSumParameters(
            height: Int32(from.height), stride: Int32(from.stride), plane: Int32(from.plane), channels: Int32(channels))
        try recorder.dispatch(pipelines[0], [source, sums], push: rows, invocations: (from.height, channels, 1))
        let padded = MapLayout(vectorOf: channels).stride * 4
        let mean = LinearParameters(
            columns: Int32(from.height), rows: Int32(channels), padded: Int32(padded), factor: 1 / (Float(from.width) * Float(from.height)),
            low: 0, high: 0)
        try recorder.dispatch(
            pipelines[1], [sums, try engine.slice(weights), try slice(layer.output)], push: mean, invocations: (padded, 1, 1))
    }

    private func concatenate(_ recorder: inout CommandRecorder, _ layer: Layer, target: BufferSlice) throws {
        if try shape(layer.output).kind == .vector { try recorder.fill(target, word: 0) }
        var place = target.byteOffset
        for name in layer.inputs {
            let shape = try shape(name)
            let source = try slice(name)
            let bytes = shape.kind == .map ? source.byteCount : shape.channels * 4
            try recorder.copy(
                from: source.buffer.slice(byteOffset: source.byteOffset, byteCount: bytes),
                to: target.buffer.slice(byteOffset: place, byteCount: bytes))
            place += bytes
        }
    }
}
