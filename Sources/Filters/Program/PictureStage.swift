package import Picture

/// One step of a program as a person reads it.
package struct PictureStage: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        case unpack, matrixIn, prescale, superResolution, lowFrequencyLock, resample, chroma, chromaGuide, localModulation, highlights,
            color,
            deband, grain, quantise
    }

    package let kind: Kind
    /// Why the stage is there.
    package let reason: String
    package let inputSize: PictureSize
    package let outputSize: PictureSize
    /// Multiply-adds for each luma sample of the stage's output.
    package let macPerPixel: Double
    /// Device memory read and written for each luma sample of the stage's output.
    package let bytesPerPixel: Double
}
