package import Picture
package import Primitives

extension ProcessingOptions {
    /// Settings of the filters; those whose filter is not used are ignored.
    package struct FilterSettings: Hashable, Sendable, Codable {
        package var interlacedFieldOrderMode: InterlacedFieldOrderMode?
        package var normalizedCropCoordinates: CropCoordinates?
        /// A result in pixels, computed from the coordinates; what a request says here is ignored.
        package var cropRectangle: CropRectangle?
        package var prescaledResolution: PictureSize?
        package var faceForward: FaceForward?
        package var dvres2Variant: DVRES2Variant?
        package var clarityBoost: ClarityBoost?
        package var resolution: Resolution?
        package var frameRate: FrameRate?
        package var filmGrain: FilmGrain?

        package init(dvres2Variant: DVRES2Variant? = nil, resolution: Resolution? = nil) {
            self.dvres2Variant = dvres2Variant
            self.resolution = resolution
        }
    }

    package enum InterlacedFieldOrderMode: String, CaseIterable, Sendable, Codable {
        /// Trust the file.
        case autoMetadata = "AUTO_METADATA"
        /// Look at up to three one-minute segments.
        case autoSegmentAnalysis = "AUTO_SEGMENT_ANALYSIS"
        case topFieldFirst = "TOP_FIELD_FIRST"
        case bottomFieldFirst = "BOTTOM_FIELD_FIRST"
    }

    /// Top left (`x1`, `y1`) and bottom right (`x2`, `y2`) corner of the kept part, as fractions of the frame.
    package struct CropCoordinates: Hashable, Sendable, Codable {
        package var x1: Double
        package var y1: Double
        package var x2: Double
        package var y2: Double
    }

    /// The kept part in pixels of the source.
    package struct CropRectangle: Hashable, Sendable, Codable {
        package var width: Int
        package var height: Int
        package var x: Int?
        package var y: Int?
    }

    package struct FaceForward: Hashable, Sendable, Codable {
        /// 0 to 30.
        package var colorBoost: Int
        package var autoWhiteBalance: Bool
        /// In percent, 0 to 200.
        package var relightIntensity: Int
        /// 0 (off) to 20.
        package var backgroundBlur: Int
    }

    package enum DVRES2Variant: String, CaseIterable, Sendable, Codable {
        /// Denoises, deblurs, removes compression artefacts, upscales with detail. The default.
        case generic = "GENERIC"
        /// Removes artefacts and upscales with detail; neither denoises nor deblurs.
        case fineTuning = "FINE_TUNING"
        /// Denoises and removes artefacts; does not deblur.
        case selfieStyle = "SELFIE_STYLE"
    }

    package enum ClarityBoost: String, CaseIterable, Sendable, Codable {
        case none = "NONE"
        case marginal = "MARGINAL"
        case veryLow = "VERY_LOW"
        case low = "LOW"
        case medium = "MEDIUM"
        case high = "HIGH"
        case veryHigh = "VERY_HIGH"
    }

    /// The scaler's target: a tag, or width and height, or one of these and an aspect.
    package struct Resolution: Hashable, Sendable, Codable {
        /// Wins over `width` and `height`.
        package var tag: ResolutionTag?
        /// In pixels, 16 to 7680.
        package var width: Int?
        /// In pixels, 16 to 4320.
        package var height: Int?
        package var aspectRatioTag: AspectRatioTag?

        package init(tag: ResolutionTag? = nil, width: Int? = nil, height: Int? = nil, aspectRatioTag: AspectRatioTag? = nil) {
            self.tag = tag
            self.width = width
            self.height = height
            self.aspectRatioTag = aspectRatioTag
        }
    }

    package enum ResolutionTag: String, CaseIterable, Sendable, Codable {
        case standardHD = "STANDARD_HD"
        case fullHD = "FULL_HD"
        case uhd4K = "UHD_4K"
        case uhd8K = "UHD_8K"
        case x1 = "1X"
        case x2 = "2X"
        case x3 = "3X"
        case x4 = "4X"
    }

    package enum AspectRatioTag: String, CaseIterable, Sendable, Codable {
        /// The display aspect of the file, else that of its stored samples.
        case display = "DISPLAY"
        /// The aspect of the stored samples, shown with square pixels.
        case storage = "STORAGE"
        /// The aspect of the stored samples, with the source's pixel aspect kept.
        case pixelAspectPreserved = "PAR_PRESERVED"
        case wide = "16:9"
        case classic = "4:3"
    }

    package struct FrameRate: Hashable, Sendable, Codable {
        /// Wins over `fps`.
        package var tag: FrameRateTag?
        /// In frames per second, 0.001 to 999.
        package var fps: Double?

        package init(tag: FrameRateTag? = nil, fps: Double? = nil) {
            self.tag = tag
            self.fps = fps
        }
    }

    package enum FrameRateTag: String, CaseIterable, Sendable, Codable {
        case filmNTSC = "FILM_NTSC"
        case film = "FILM"
        case videoPAL = "VIDEO_PAL"
        case videoNTSC = "VIDEO_NTSC"
        case videoHD = "VIDEO_HD"
        case videoPALFast = "VIDEO_PAL_FAST"
        case videoNTSCFast = "VIDEO_NTSC_FAST"
        case videoHDFast = "VIDEO_HD_FAST"
        case videoPALUHD = "VIDEO_PAL_UHD"
        case videoNTSCUHD = "VIDEO_NTSC_UHD"
        case videoUHDFast = "VIDEO_UHD_FAST"

        /// The exact rate in frames per second; the NTSC ones are n · 1000 / 1001.
        package var rational: Rational {
            switch self {
            case .filmNTSC: Rational(24_000, 1001)
            case .film: Rational(24, 1)
            case .videoPAL: Rational(25, 1)
            case .videoNTSC: Rational(30_000, 1001)
            case .videoHD: Rational(30, 1)
            case .videoPALFast: Rational(50, 1)
            case .videoNTSCFast: Rational(60_000, 1001)
            case .videoHDFast: Rational(60, 1)
            case .videoPALUHD: Rational(100, 1)
            case .videoNTSCUHD: Rational(120_000, 1001)
            case .videoUHDFast: Rational(120, 1)
            }
        }
    }

    package struct FilmGrain: Hashable, Sendable, Codable {
        package var grainSize: GrainSize
        /// 0 to 50.
        package var grainStrength: Int
    }

    package enum GrainSize: String, CaseIterable, Sendable, Codable {
        case superFine = "SUPER_FINE"
        case fine = "FINE"
        case medium = "MEDIUM"
        case coarse = "COARSE"
        case veryCoarse = "VERY_COARSE"
    }
}
