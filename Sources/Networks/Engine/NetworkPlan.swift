import GPU

/// The tiles and buffers with which a network runs on a picture of one size.
struct NetworkPlan {
    /// Size that the caller asked for.
    let picture: NetworkGraph.Size
    /// The picture extended to the network's alignment.
    let aligned: NetworkGraph.Size
    let tiling: Tiling
    let slots: SlotPlan
    /// Floating-point operations of each layer, by output name, on a tile of each size.
    let operations: [NetworkGraph.Size: [String: Double]]

    /// - Parameter tiles: number of tiles across and down; nil: as few as the budget and the device's limits allow.
    init(engine: NetworkEngine, picture: NetworkGraph.Size, budget: Int, tiles: (Int, Int)?) throws(NetworkError) {
        let graph = engine.network.graph
        guard (1...65536).contains(picture.width), (1...65536).contains(picture.height) else {
            throw .invalidUse(detail: "a picture of \(picture.width) × \(picture.height); allowed 1 to 65536")
        }
        let alignment = graph.alignment
        let aligned = NetworkGraph.Size(
            (picture.width + alignment - 1) / alignment * alignment, (picture.height + alignment - 1) / alignment * alignment)
        let most = engine.device.limits.maxStorageBufferRange

        func attempt(_ columns: Int, _ rows: Int) -> (Tiling, SlotPlan, fits: Bool) {
            let tiling = Tiling(picture: aligned, columns: columns, rows: rows, halo: graph.halo ?? 0, alignment: alignment)
            let bytes = Self.byteCounts(graph, extent: tiling.largestExtent, sampleBytes: engine.precision.sampleBytes)
            let slots = SlotPlan(graph: graph, byteCounts: bytes)
            return (tiling, slots, slots.totalBytes <= budget && bytes.values.allSatisfy { $0 <= most })
        }

        var (columns, rows) = tiles ?? (1, 1)
        guard columns >= 1, rows >= 1, graph.halo != nil || (columns, rows) == (1, 1) else {
            throw .invalidUse(detail: "\(columns) × \(rows) tiles of a network that sees the whole picture")
        }
        var result = attempt(columns, rows)
        while !result.fits {
            // Halve the longer side of a tile, until tiles are so small that they are nearly all halo.
            let extent = result.0.largestExtent
            let smallest = max(alignment, graph.halo ?? 0, 16)
            let core = result.0.tiles.map(\.core).max { $0.width * $0.height < $1.width * $1.height }
            guard tiles == nil, graph.halo != nil, let core, max(core.width, core.height) > smallest else {
                throw .memoryBudgetTooSmall(needed: result.1.totalBytes, budget: budget)
            }
            if extent.width >= extent.height && core.width > smallest || core.height <= smallest { columns *= 2 } else { rows *= 2 }
            result = attempt(columns, rows)
        }
        self.picture = picture
        self.aligned = aligned
        tiling = result.0
        slots = result.1
        var operations: [NetworkGraph.Size: [String: Double]] = [:]
        for extent in Set(result.0.tiles.map { NetworkGraph.Size($0.extent.width, $0.extent.height) }) {
            operations[extent] = graph.multiplications(reference: extent).mapValues { 2 * $0 }
        }
        self.operations = operations
    }

    /// Bytes of every value, vectors and sums of rows included, of a picture or tile of this size.
    static func byteCounts(_ graph: NetworkGraph, extent: NetworkGraph.Size, sampleBytes: Int) -> [String: Int] {
        let sizes = graph.sizes(reference: extent)
        var bytes: [String: Int] = [:]
        for (name, shape) in graph.shapes {
            if let size = sizes[name], shape.kind == .map {
                bytes[name] = MapLayout(size).byteCount(channels: shape.channels, sampleBytes: sampleBytes)
            } else {
                bytes[name] = MapLayout(vectorOf: shape.channels).byteCount(channels: 1, sampleBytes: 4)
            }
        }
        for layer in graph.layers where layer.operation == .globalAveragePool {
            if let input = layer.inputs.first, let size = sizes[input], let shape = graph.shapes[input] {
                bytes[SlotPlan.rowSums(of: layer.output)] = size.height * shape.channels * 4
            }
        }
        return bytes
    }
}
