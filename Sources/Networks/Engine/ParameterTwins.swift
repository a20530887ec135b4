package import GPU

/// The Swift twins of the kernels' push-constant blocks without the addresses, for the test that compares their offsets with the SPIR-V.
package enum ParameterTwins {
    /// A kernel, and the bytes of its twin. Members follow each other without holes.
    package static let all: [(shader: ShaderName, size: Int)] = [
        (.netConvolve, MemoryLayout<ConvolveParameters>.size), (.netConvolvePlain, MemoryLayout<PlainParameters>.size),
        (.netTranspose, MemoryLayout<PlainParameters>.size), (.netCombine, MemoryLayout<ElementParameters>.size),
        (.netModulate, MemoryLayout<ElementParameters>.size), (.netShuffle, MemoryLayout<ShuffleParameters>.size),
        (.netResize, MemoryLayout<ResizeParameters>.size), (.netWarp, MemoryLayout<WarpParameters>.size),
        (.netSumRows, MemoryLayout<RowSumParameters>.size), (.netLinear, MemoryLayout<LinearParameters>.size),
        (.netImport, MemoryLayout<ImportParameters>.size), (.netExport, MemoryLayout<ExportParameters>.size),
    ]
}
