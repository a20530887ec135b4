package import ColorScience
package import GPU
package import Networks
package import Picture

/// Why a picture cannot be processed as asked.
package enum FilterError: Error, Sendable {
    /// A tag that must be known is unspecified; the caller infers and records it first.
    case unspecifiedColor(PictureEnd)
    /// This matrix is not a linear map of R′G′B′.
    case unsupportedMatrix(MatrixCoefficients)
    /// A conversion between standard and high dynamic range needs a tone curve.
    case needsToneCurve(from: TransferFunction, to: TransferFunction)
    /// A tone curve in the wrong direction.
    case unsuitableToneCurve(from: TransferFunction, to: TransferFunction)
    /// A size outside 1…16 384 a side, or a crop outside the picture.
    case unsuitableSize(PictureSize)
    /// Chroma planes of a kind that is read but not written.
    case unsupportedOutput(PixelFormat)
    /// No model for what was asked, as in a super-resolution variant.
    case missingModel(String)
    /// A model whose inputs or outputs are not those of its role.
    case unsuitableModel(name: String, reason: String)
    /// INFINITEHDR without the table of the frame's shot.
    case missingLook(frame: Int)
    /// A table of the wrong number of values.
    case malformedLook(edge: Int, values: Int)
    /// Planes of the wrong number of bytes.
    case wrongByteCount(given: Int, needed: Int)
    /// The processor was closed while a frame waited.
    case closed
    case gpu(GPUError)
    case network(NetworkError)
}

/// Which side of a program an error speaks of.
package enum PictureEnd: String, Sendable {
    case input
    case output
}
