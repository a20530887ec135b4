import GPU

/// How many samples an invocation of a convolution keeps in registers. In half precision, which is for GPUs, always few.
package enum RegisterTile: Sendable {
    /// Large on CPU devices, small on GPUs.
    case automatic
    /// 4 × 2 samples of at most 8 channels.
    case small
    /// 8 × 4 samples of at most 24 channels.
    case large
}

/// Which build of each kernel serves a device: by precision, and by how many registers an invocation may fill.
struct KernelTable {
    let isHalf: Bool
    /// Tiles of 4 × 2 samples for GPUs; 8 × 4 for CPU devices, where more work per weight counts for all.
    let usesSmallTiles: Bool

    init(device: DeviceDescription, precision: Precision, tile: RegisterTile) {
        isHalf = precision == .half
        usesSmallTiles = precision == .half || tile == .small || (tile == .automatic && device.kind != .cpu)
    }

    /// A build of `net_convolve`.
    struct Convolution {
        let shader: ShaderName
        /// Output channels of a dispatch.
        let outputs: Int
        /// Samples of an invocation.
        let tile: (x: Int, y: Int)
        let packing: WeightPacking
    }

    /// The builds of `net_convolve` for a kernel size; at least one.
    func convolutions(kernel: Int) -> [Convolution] {
        let names: [(Int, ShaderName)] =
            switch (kernel, usesSmallTiles, isHalf) {
            case (1, false, _): [(4, .netConvolveK1O4), (8, .netConvolveK1O8), (16, .netConvolveK1O16)]
            case (1, true, false): [(4, .netConvolveK1O4Small), (8, .netConvolveK1O8Small)]
            case (1, true, true): [(4, .netConvolveK1O4SmallHalf), (8, .netConvolveK1O8SmallHalf)]
            case (_, false, _):
                [
                    (4, .netConvolveK3O4), (8, .netConvolveK3O8), (12, .netConvolveK3O12), (16, .netConvolveK3O16),
                    (24, .netConvolveK3O24),
                ]
            case (_, true, false): [(4, .netConvolveK3O4Small), (8, .netConvolveK3O8Small)]
            case (_, true, true): [(4, .netConvolveK3O4SmallHalf), (8, .netConvolveK3O8SmallHalf)]
            }
        return names.map { outputs, shader in
            Convolution(
                shader: shader, outputs: outputs, tile: usesSmallTiles ? (4, 2) : (8, 4),
                packing: isHalf && kernel > 1 ? .half : .single)
        }
    }

    /// The build for a convolution's channels: the one with the least work, where padded channels are work too; nil when
    /// the weights of no build fit a uniform buffer.
    func convolution(kernel: Int, inputs: Int, outputs: Int) -> Convolution? {
        // Reading a window costs about as much as three output channels (measured on lavapipe).
        let windowCost = 3
        return convolutions(kernel: kernel)
            .filter { $0.packing.wordCount(inputs: inputs, taps: kernel * kernel, outputs: $0.outputs) * 4 <= WeightArena.uniformBytes }
            .min { left, right in
                func cost(_ build: Convolution) -> Int { (outputs + build.outputs - 1) / build.outputs * (build.outputs + windowCost) }
                return cost(left) < cost(right)
            }
    }

    var convolvePlain: ShaderName { isHalf ? .netConvolvePlainHalf : .netConvolvePlain }
    var transpose: ShaderName { isHalf ? .netTransposeHalf : .netTranspose }
    var shuffle: ShaderName { isHalf ? .netShuffleHalf : .netShuffle }
    var resize: ShaderName { isHalf ? .netResizeHalf : .netResize }
    var warp: ShaderName { isHalf ? .netWarpHalf : .netWarp }
    var sumRows: ShaderName { isHalf ? .netSumRowsHalf : .netSumRows }
    var importing: ShaderName { isHalf ? .netImportHalf : .netImport }
    var exporting: ShaderName { isHalf ? .netExportHalf : .netExport }
    /// Vectors are single whatever maps are.
    func combine(_ kind: ValueShape.Kind) -> ShaderName { isHalf && kind == .map ? .netCombineHalf : .netCombine }
    func modulate(_ kind: ValueShape.Kind) -> ShaderName { isHalf && kind == .map ? .netModulateHalf : .netModulate }
}
