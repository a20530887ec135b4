package import Picture
package import Primitives

/// A validated treatment of one source with nothing left to default: what the pipeline's planner turns into stages.
/// Steps stand in the order of the pipeline; a step that is nil does not happen.
package struct ProcessingRecipe: Hashable, Sendable, Codable {
    package var source: SourceFormat
    package var positions: PositionRange
    package var deinterlacing: Deinterlacing?
    /// Its rectangle begins and ends between chroma samples of the source.
    package var crop: ProcessingOptions.CropCoordinates?
    package var prescaledSize: PictureSize?
    package var denoiser: ProcessingOptions.Denoiser?
    package var stabilizer: ProcessingOptions.Stabilizer?
    package var faceForward: ProcessingOptions.FaceForward?
    package var scaling: Scaling?
    package var frameRateConversion: FrameRateConversion?
    package var color: ColorPlan
    package var debander: ProcessingOptions.Debander?
    package var filmGrain: ProcessingOptions.FilmGrain?
    package var fixedOutputSize: PictureSize?
    package var outputScanning: ProcessingOptions.OutputScanning
    package var encoding: OutputEncoding

    package struct Deinterlacing: Hashable, Sendable, Codable {
        package var filter: ProcessingOptions.Deinterlacer
        package var fieldOrder: ProcessingOptions.InterlacedFieldOrderMode
    }

    /// The scaler with the settings that belong to it.
    package enum ScalingFilter: Hashable, Sendable, Codable {
        case deepRestoration2(ProcessingOptions.DVRES2Variant)
        case deepRestoration
        case superResolution(ProcessingOptions.ClarityBoost)
        case bicubic
    }

    package struct Scaling: Hashable, Sendable, Codable {
        package var filter: ScalingFilter
        package var target: TargetResolution
    }

    package struct FrameRateConversion: Hashable, Sendable, Codable {
        package var filter: ProcessingOptions.FrameRateConverter
        /// In frames per second.
        package var frameRate: Rational
    }

    /// Stored size and sample aspect of the output. Cropping and padding to a fixed size leave the shape of a sample.
    package var output: TargetResolution {
        let scaled = scaling?.target ?? unscaled
        return TargetResolution(size: fixedOutputSize ?? scaled.size, sampleAspectRatio: scaled.sampleAspectRatio)
    }

    /// The picture as the scaler gets it: the source, cropped, and prescaled if so asked.
    package var unscaled: TargetResolution {
        Self.unscaled(source, crop: crop, prescaledSize: prescaledSize)
    }

    /// See the property of the same name. A prescaled picture is shown in the shape it had before.
    static func unscaled(
        _ source: SourceFormat, crop: ProcessingOptions.CropCoordinates?, prescaledSize: PictureSize?
    ) -> TargetResolution {
        let kept = crop?.rectangle(in: source.size)
        let size = kept.map { PictureSize(width: $0.width, height: $0.height) } ?? source.size
        guard let prescaledSize else { return TargetResolution(size: size, sampleAspectRatio: source.sampleAspectRatio) }
        let stretch =
            Rational(Int64(size.width), Int64(size.height)) * Rational(Int64(prescaledSize.height), Int64(prescaledSize.width))
        return TargetResolution(size: prescaledSize, sampleAspectRatio: source.sampleAspectRatio * stretch)
    }
}

/// How the output is coded, nothing left open but the bit rate.
package struct OutputEncoding: Hashable, Sendable, Codable {
    package var codec: OutputCodec
    /// Set when a profile settled the codec.
    package var profile: EncodingProfile?
    package var format: PixelFormat
    /// In bit/s; nil leaves it to the encoder's quality target.
    package var bitrate: Int64?
    package var container: ProcessingOptions.MediaContainer
}

extension ProcessingOptions.CropCoordinates {
    /// The kept part in pixels: corners rounded to the nearest even sample, at least 2 × 2.
    package func rectangle(in size: PictureSize) -> ProcessingOptions.CropRectangle {
        func even(_ fraction: Double, _ length: Int) -> Int { min(length, Int((fraction * Double(length) / 2).rounded()) * 2) }
        let (left, top) = (min(even(x1, size.width), size.width - 2), min(even(y1, size.height), size.height - 2))
        return ProcessingOptions.CropRectangle(
            width: max(2, even(x2, size.width) - left), height: max(2, even(y2, size.height) - top), x: left, y: top)
    }

    /// The same part with corners between chroma samples where these are four luma samples apart (4:1:1, 4:1:0): the nearest
    /// ones, at least one chroma sample apart. Elsewhere the even samples of `rectangle` are such corners.
    func aligned(to source: SourceFormat) -> Self {
        let subsampling = source.format.subsampling
        var result = self
        if subsampling.horizontalShift > 1 {
            (result.x1, result.x2) = Self.aligned(x1, x2, of: source.size.width, pitch: 1 << subsampling.horizontalShift)
        }
        if subsampling.verticalShift > 1 {
            (result.y1, result.y2) = Self.aligned(y1, y2, of: source.size.height, pitch: 1 << subsampling.verticalShift)
        }
        return result
    }

    /// - Parameters:
    ///   - first, last: fractions of `length` samples.
    ///   - pitch: from one chroma sample to the next. The end of the picture counts as a corner whatever its length.
    private static func aligned(_ first: Double, _ last: Double, of length: Int, pitch: Int) -> (Double, Double) {
        let (start, end) = (first * Double(length), last * Double(length))
        func nearest(_ position: Double) -> Int { Int((position / Double(pitch)).rounded()) * pitch }
        let left = min(nearest(start), (length - 2) / pitch * pitch)
        let right = Double(length) - end <= abs(Double(nearest(end)) - end) ? length : min(nearest(end), length)
        return (Double(left) / Double(length), Double(max(right, min(left + pitch, length))) / Double(length))
    }
}
