package import GPU

/// A network on a device: weights uploaded once, pipelines made, its result compared once with the reference executor's.
///
/// Immutable; runners of any number of sizes share it.
package final class NetworkEngine: Sendable {
    package let network: Network
    package let device: Device
    /// How maps are stored: `single` or `half`.
    package let precision: Precision

    let kernels: KernelTable
    let layers: [PreparedLayer]
    let weights: Buffer
    private let pipelines: [PipelineDescription: ComputePipeline]

    /// - Parameter verifies: runs a small picture through device and reference and compares: no driver is trusted blindly.
    /// - Throws: `deviceDisagrees` when they differ; `GPUError`.
    package init(
        _ network: Network, on device: Device, precision wish: Precision = .automatic, tile: RegisterTile = .automatic,
        verifies: Bool = true
    ) async throws {
        precision = wish.resolved(on: device.description)
        if precision == .half && !(device.features.float16 && device.features.storage16Bit) {
            throw NetworkError.invalidUse(detail: "\(device.description.name) has no 16-bit floats")
        }
        kernels = KernelTable(device: device.description, precision: precision, tile: tile)
        var preparer = LayerPreparer(network: network, kernels: kernels)
        var layers: [PreparedLayer] = []
        for layer in network.graph.layers { layers.append(try preparer.prepare(layer)) }
        var descriptions = Set(layers.flatMap(\.pipelines))
        descriptions.insert(Self.importing(kernels))
        descriptions.insert(Self.exporting(kernels))
        try await device.preparePipelines(Array(descriptions))
        var pipelines: [PipelineDescription: ComputePipeline] = [:]
        for description in descriptions {
            pipelines[description] = try device.pipeline(
                description.shader, workgroup: description.workgroup, constants: description.constants)
        }
        weights = try preparer.arena.upload(to: device)
        self.layers = layers
        self.pipelines = pipelines
        self.network = network
        self.device = device
        if verifies { try await EngineCheck(engine: self).run() }
    }

    /// Plans buffers and tiles for a picture.
    ///
    /// - Parameters:
    ///   - width, height: reference size, in samples: what the inputs' scales refer to.
    ///   - memoryBudget: bytes that the runner's own buffers may take; nil: one share of the device's memory, no more than is left.
    ///   - tiles: number of tiles across and down; nil: as few as the budget and the device's limits allow.
    /// - Throws: `memoryBudgetTooSmall`, `invalidUse`, or `GPUError`.
    package func plan(
        width: Int, height: Int, memoryBudget: Int? = nil, tiles: (across: Int, down: Int)? = nil
    ) throws -> NetworkRunner {
        let budget = memoryBudget ?? min(device.memoryShare, device.memoryAvailable)
        let plan = try NetworkPlan(
            engine: self, picture: NetworkGraph.Size(width, height), budget: budget, tiles: tiles.map { ($0.across, $0.down) })
        return try NetworkRunner(engine: self, plan: plan)
    }

    /// Plans buffers and tiles for a picture within a share of the memory, whatever others hold at the moment: a runner that is kept
    /// would go on for good with tiles that had to be small once. Only a picture whose smallest tile needs more takes more.
    ///
    /// - Parameters:
    ///   - width, height: reference size, in samples.
    ///   - share: bytes.
    /// - Throws: `memoryBudgetExceeded` or `outOfMemory` when that much is not left; `invalidUse`.
    package func plan(width: Int, height: Int, share: Int) throws -> NetworkRunner {
        do {
            return try plan(width: width, height: height, memoryBudget: share)
        } catch NetworkError.memoryBudgetTooSmall(let needed, _) {
            return try plan(width: width, height: height, memoryBudget: needed)
        }
    }

    /// Bytes of the weights on the device.
    package var weightBytes: Int { weights.byteCount }

    func pipeline(_ description: PipelineDescription) throws(GPUError) -> ComputePipeline {
        if let known = pipelines[description] { return known }
        return try device.pipeline(description.shader, workgroup: description.workgroup, constants: description.constants)
    }

    func slice(_ part: WeightArena.Part) throws(GPUError) -> BufferSlice {
        try weights.slice(byteOffset: part.byteOffset, byteCount: part.byteCount)
    }

    /// The part as net_convolve's uniform block: always of the declared size.
    func uniforms(_ part: WeightArena.Part) throws(GPUError) -> BufferSlice {
        try weights.slice(byteOffset: part.byteOffset, byteCount: WeightArena.uniformBytes)
    }

    static func importing(_ kernels: KernelTable) -> PipelineDescription {
        PipelineDescription(kernels.importing, workgroup: WorkgroupSize(8, 8))
    }

    static func exporting(_ kernels: KernelTable) -> PipelineDescription {
        PipelineDescription(kernels.exporting, workgroup: WorkgroupSize(8, 8))
    }
}
