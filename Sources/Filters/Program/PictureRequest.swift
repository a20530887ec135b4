package import ColorScience
package import Picture

/// What is wanted of every frame, with nothing left to guess: tags inferred, sizes computed.
package struct PictureRequest: Hashable, Sendable, Codable {
    package var input: PictureFormat
    /// Window of the input; widened to whole chroma samples. Nil: all of it.
    package var crop: PixelRect?
    /// Native size to go back to first, by Catmull-Rom.
    package var prescaled: PictureSize?
    package var scaler: Scaler
    /// Size after the scaler.
    package var scaled: PictureSize
    package var color: ColorConversion
    package var deband: Bool
    package var grain: FilmGrain?
    /// Its size is the frame's: where it differs from `scaled`, the picture is centred and padded with black or cropped.
    package var output: PictureFormat
    package var dither: Dither
    /// Tags that the file gets where they are not those of `output`, by which the numbers are computed: how the light of the
    /// numbers is read. Nil where both are the same.
    package var written: ColorTags?

    package init(
        input: PictureFormat, crop: PixelRect? = nil, prescaled: PictureSize? = nil, scaler: Scaler = .none, scaled: PictureSize,
        color: ColorConversion = .none, deband: Bool = false, grain: FilmGrain? = nil, output: PictureFormat,
        dither: Dither = .triangular, written: ColorTags? = nil
    ) {
        self.input = input
        self.crop = crop
        self.prescaled = prescaled
        self.scaler = scaler
        self.scaled = scaled
        self.color = color
        self.deband = deband
        self.grain = grain
        self.output = output
        self.dither = dither
        self.written = written
    }

    /// Whether every number of the output is one of the input, or such a one with more bits: then no rounding has to be hidden.
    package var keepsNumbers: Bool {
        let (from, to) = (input.pixels.bitDepth, output.pixels.bitDepth)
        // Limited range gains bits by a shift; full range stretches.
        return changesDepthAlone && (from == to || (from < to && input.tags.range == .limited))
    }

    /// Whether samples become codes of another depth, if at all, and nothing else happens to them but that some are cut off.
    package var changesDepthAlone: Bool {
        let (from, to) = (input.pixels, output.pixels)
        guard scaler == .none, prescaled == nil, color == .none, !deband, grain == nil, scaled == crop?.size ?? input.size,
            from.model == to.model, from.subsampling == to.subsampling, input.tags.matrix == output.tags.matrix,
            input.tags.range == output.tags.range
        else { return false }
        let isSubsampled = from.subsampling != .yuv444 && from.subsampling != .gray
        return !isSubsampled || input.tags.siting == output.tags.siting
    }
}

/// How a picture gets its size.
package enum Scaler: Hashable, Sendable, Codable {
    /// No scaler; `scaled` equals the size before it, or Catmull-Rom makes it so.
    case none
    /// Catmull-Rom.
    case bicubic
    /// Lanczos, three lobes.
    case lanczos
    /// Networks, then Lanczos for what is left of the ratio.
    case superResolution(SuperResolutionVariant)
}

/// How the networks of the scaler `DVRES2` were trained.
package enum SuperResolutionVariant: String, Hashable, Sendable, Codable, CaseIterable {
    case generic = "GENERIC"
    case fineTuning = "FINE_TUNING"
    case selfieStyle = "SELFIE_STYLE"
}

/// How colors go from the input's tags to the output's.
package enum ColorConversion: Hashable, Sendable, Codable {
    /// Not at all: the tags alone may differ; only the matrix of Y′CbCr is changed where it does.
    case none
    /// Same light on the reference display: SDR to SDR, HDR to HDR.
    case convert
    /// HDR to SDR. Luminances in cd/m²: of the brightest source light, and the one that becomes SDR white.
    case toneMap(ToneCurve, sourcePeak: Double, outputLuminance: Double)
    /// SDR to HDR. Luminances in cd/m²: of SDR white (`ReferenceWhite.luminance` unless asked otherwise), and the
    /// largest result.
    case inverseToneMap(ToneCurve, whiteLuminance: Double, peakLuminance: Double)
    /// SDR to PQ BT.2020 by the learned mapping of each shot, never above the peak, in cd/m². 0 to 1 each: how
    /// much of a second network's reconstruction of clipped areas is applied, and of a third one's gains by place and brightness.
    case infiniteHDR(peakLuminance: Double, saturationBoost: Double, highlights: Double = 0, local: Double = 0)
}

/// How rounding to codes is hidden.
package enum Dither: String, Hashable, Sendable, Codable {
    case none
    /// `TriangularDither`.
    case triangular
    /// The same between codes: what is a code already stays what it is. For samples of no more bits that filters have had in more,
    /// where `PictureRequest.changesDepthAlone`: what they leave alone comes back to the bit.
    case triangularBetweenCodes = "triangular between codes"
}

/// Synthetic film grain.
package struct FilmGrain: Hashable, Sendable, Codable {
    package enum Size: String, Hashable, Sendable, Codable, CaseIterable {
        case superFine = "SUPER_FINE"
        case fine = "FINE"
        case medium = "MEDIUM"
        case coarse = "COARSE"
        case veryCoarse = "VERY_COARSE"
    }

    package let size: Size
    /// 0…50.
    package let strength: Int

    package init(size: Size, strength: Int) {
        self.size = size
        self.strength = strength
    }
}
