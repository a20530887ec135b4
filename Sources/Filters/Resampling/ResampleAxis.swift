package import Primitives

/// One axis of a separable resampling: which inputs, with which weights, make each output.
///
/// Output i lies at input position `scale` · i + `origin`, both exact, so that the weights repeat after as many outputs
/// as the denominator of the scale says. Smaller outputs widen the filter by the scale (no aliasing); the weights of an
/// output sum to 1; inputs beyond an edge repeat the edge sample.
package struct ResampleAxis: Hashable, Sendable, Codable {
    package let inputCount: Int
    package let outputCount: Int
    package let kernel: ResampleKernel
    package let scale: Rational
    package let origin: Rational

    package init(inputCount: Int, outputCount: Int, kernel: ResampleKernel, scale: Rational, origin: Rational) {
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.kernel = kernel
        self.scale = scale
        self.origin = origin
    }

    /// Between a plane and another of the same picture, each subsampled and sited in its own way.
    ///
    /// - Parameters:
    ///   - inputPicture, outputPicture: luma samples of the two pictures along the axis.
    ///   - input, output: how the two planes lie on their luma grids.
    package init(kernel: ResampleKernel, inputPicture: Int, input: PlaneGrid, outputPicture: Int, output: PlaneGrid) {
        // Output i is at luma position s·i + o of the output picture, thus at (s·i + o + ½)·r − ½ of the input picture.
        let ratio = Rational(Int64(inputPicture), Int64(outputPicture))
        let half = Rational(1, 2)
        let pitch = Rational(1, Int64(input.pitch))
        let luma = (output.offset + half) * ratio - half
        self.init(
            inputCount: input.count(of: inputPicture), outputCount: output.count(of: outputPicture), kernel: kernel,
            scale: Rational(Int64(output.pitch), 1) * ratio * pitch, origin: (luma - input.offset) * pitch)
    }

    /// True when every output is the input of the same index.
    package var isIdentity: Bool {
        inputCount == outputCount && scale == Rational(1, 1) && origin == Rational(0, 1)
    }

    /// Weights of all phases.
    package var taps: ResampleTaps { ResampleTaps(self) }
}

/// How the samples of a plane lie on the luma grid along one axis.
package struct PlaneGrid: Hashable, Sendable, Codable {
    /// Luma samples from one sample to the next: 1, 2 or 4.
    package let pitch: Int
    /// Position of the first sample, in luma samples.
    package let offset: Rational

    package init(pitch: Int, offset: Rational) {
        self.pitch = pitch
        self.offset = offset
    }

    /// A plane with as many samples as luma.
    package static let full = PlaneGrid(pitch: 1, offset: Rational(0, 1))

    /// Samples of a plane of a picture with `luma` samples along the axis.
    package func count(of luma: Int) -> Int { (luma + pitch - 1) / pitch }
}

extension Rational {
    static func + (left: Rational, right: Rational) -> Rational {
        Rational(left.numerator * right.denominator + right.numerator * left.denominator, left.denominator * right.denominator)
    }

    static func - (left: Rational, right: Rational) -> Rational { left + Rational(-right.numerator, right.denominator) }

    /// Largest integer that is not larger.
    var floor: Int {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        return Int(remainder < 0 ? quotient - 1 : quotient)
    }
}
