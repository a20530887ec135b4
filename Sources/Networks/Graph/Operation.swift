/// What is done to a value after an operation, element by element.
package enum Activation: Sendable, Equatable {
    case none
    /// x for x ≥ 0, slope·x below (ReLU: 0; leaky ReLU).
    case slope(Float)
    /// As `slope`, with the slope of each channel from a tensor of [C] or [1] (PReLU).
    case learnedSlope(tensor: String)
    case clamp(Float, Float)
    /// 1 / (1 + e^−x).
    case sigmoid
    case tanh
}

/// How `resize` reads between samples.
package enum ResizeMode: String, Sendable {
    case bilinear
    /// Keys' cubic with a = −0.75, as PyTorch's.
    case bicubic
}

/// A positive fraction in lowest terms.
package struct Scale: Sendable, Hashable {
    package let numerator: Int
    package let denominator: Int

    /// - Precondition: both are positive.
    package init(_ numerator: Int, _ denominator: Int) {
        precondition(numerator > 0 && denominator > 0, "a scale is positive")
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        self.numerator = numerator / a
        self.denominator = denominator / a
    }

    package static let one = Scale(1, 1)
    static func * (left: Scale, right: Scale) -> Scale {
        Scale(left.numerator * right.numerator, left.denominator * right.denominator)
    }
    /// The scale as a number.
    var value: Double { Double(numerator) / Double(denominator) }
    /// Smallest whole number that is not below `size` times the scale.
    func ceiling(of size: Int) -> Int { (size * numerator + denominator - 1) / denominator }
}

/// One of the engine's operators; the rules are those of the PyTorch function named.
package enum Operation: Sendable, Equatable {
    /// `conv2d(padding: kernel / 2)`, zeros beyond the borders. Weight [out, in / groups, kernel, kernel].
    case convolution(kernel: Int, stride: Int, isDepthwise: Bool, outChannels: Int, weight: String, bias: String?)
    /// `conv_transpose2d(stride: 2)`, kernel 2 (padding 0) or 4 (padding 1). Weight [in, out, kernel, kernel].
    case transposedConvolution(kernel: Int, outChannels: Int, weight: String, bias: String?)
    case add
    case multiply
    /// The activation alone.
    case activate
    /// Channels one after the other.
    case concatenate
    /// Channels start ..< start + count.
    case slice(start: Int, count: Int)
    case pixelShuffle(Int)
    case pixelUnshuffle(Int)
    /// `interpolate(align_corners: False, antialias: False)`.
    case resize(ResizeMode, Scale)
    /// Bilinear sample at (x + dx, y + dy), border clamped; flow clamped to ±maximum pixels.
    case warp(maximum: Int?)
    /// Map to vector: mean over the picture.
    case globalAveragePool
    /// Vector to vector. Weight [out, in].
    case linear(outFeatures: Int, weight: String, bias: String?)
    /// x · scale[c] + shift[c].
    case modulate
}

extension Operation {
    /// Word for the operator, as graphs have it.
    package var kind: String {
        switch self {
        case .convolution: "conv2d"
        case .transposedConvolution: "conv_transpose2d"
        case .add: "add"
        case .multiply: "mul"
        case .activate: "activation"
        case .concatenate: "concat"
        case .slice: "slice"
        case .pixelShuffle: "pixel_shuffle"
        case .pixelUnshuffle: "pixel_unshuffle"
        case .resize: "resize"
        case .warp: "warp"
        case .globalAveragePool: "global_avg_pool"
        case .linear: "linear"
        case .modulate: "film"
        }
    }
}

/// One step of a graph.
package struct Layer: Sendable, Equatable {
    package let operation: Operation
    package let activation: Activation
    package let inputs: [String]
    package let output: String
}

/// Kind, channels and relative size of a value of a graph.
package struct ValueShape: Sendable, Equatable {
    package enum Kind: String, Sendable { case map, vector }
    package let kind: Kind
    package let channels: Int
    /// Size relative to the reference size; 1 for vectors.
    package let scale: Scale
}
