// Twins of the push-constant blocks of Shaders/net_*.comp, behind the addresses; a test compares their offsets with the SPIR-V.

/// Of net_convolve.
struct ConvolveParameters: BitwiseCopyable {
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var inputs: Int32
    var firstOutput: Int32
    var outputs: Int32
    var low: Float
    var high: Float
}

/// Of net_convolve_plain and net_transpose.
struct PlainParameters: BitwiseCopyable {
    var sourceWidth: Int32
    var sourceHeight: Int32
    var sourceStride: Int32
    var sourcePlane: Int32
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var inputs: Int32
    var outputs: Int32
    var low: Float
    var high: Float
}

/// Of net_combine and net_modulate.
struct ElementParameters: BitwiseCopyable {
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
    var low: Float
    var high: Float
}

/// Of net_shuffle.
struct ShuffleParameters: BitwiseCopyable {
    var sourceStride: Int32
    var sourcePlane: Int32
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
}

/// Of net_resize.
struct ResizeParameters: BitwiseCopyable {
    var sourceWidth: Int32
    var sourceHeight: Int32
    var sourceStride: Int32
    var sourcePlane: Int32
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
    var numerator: Int32
    var denominator: Int32
}

/// Of net_warp.
struct WarpParameters: BitwiseCopyable {
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
    var most: Float
}

/// Of net_sum_rows.
struct RowSumParameters: BitwiseCopyable {
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
}

/// Of net_linear.
struct LinearParameters: BitwiseCopyable {
    var columns: Int32
    var rows: Int32
    var padded: Int32
    var factor: Float
    var low: Float
    var high: Float
}

/// Of net_import.
struct ImportParameters: BitwiseCopyable {
    var sourceWidth: Int32
    var sourceHeight: Int32
    var left: Int32
    var top: Int32
    var width: Int32
    var height: Int32
    var stride: Int32
    var plane: Int32
    var channels: Int32
}

/// Of net_export.
struct ExportParameters: BitwiseCopyable {
    var sourceLeft: Int32
    var sourceTop: Int32
    var sourceStride: Int32
    var sourcePlane: Int32
    var left: Int32
    var top: Int32
    var width: Int32
    var height: Int32
    var planeWidth: Int32
    var planeHeight: Int32
    var channels: Int32
}
