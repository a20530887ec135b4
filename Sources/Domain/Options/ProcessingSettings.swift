package import Picture

extension ProcessingOptions {
    /// What concerns the whole picture rather than one filter.
    package struct ProcessingSettings: Hashable, Sendable, Codable {
        package var inputColorSpaceConversion: InputColorSpaceConversion?
        package var outputColorSpaceConversion: OutputColorSpaceConversion?
        /// Crops and pads with black to exactly this size.
        package var fixedOutputResolution: FixedResolution?
        /// `auto` when absent.
        package var outputScanning: OutputScanning?

        package init(
            inputColorSpaceConversion: InputColorSpaceConversion? = nil, outputColorSpaceConversion: OutputColorSpaceConversion? = nil,
            fixedOutputResolution: FixedResolution? = nil, outputScanning: OutputScanning? = nil
        ) {
            self.inputColorSpaceConversion = inputColorSpaceConversion
            self.outputColorSpaceConversion = outputColorSpaceConversion
            self.fixedOutputResolution = fixedOutputResolution
            self.outputScanning = outputScanning
        }
    }

    package enum FixedResolution: String, CaseIterable, Sendable, Codable {
        case standardHD = "STANDARD_HD"
        case fullHD = "FULL_HD"
        case uhd4K = "UHD_4K"
        case uhd8K = "UHD_8K"

        package var size: PictureSize {
            switch self {
            case .standardHD: PictureSize(width: 1280, height: 720)
            case .fullHD: PictureSize(width: 1920, height: 1080)
            case .uhd4K: PictureSize(width: 3840, height: 2160)
            case .uhd8K: PictureSize(width: 7680, height: 4320)
            }
        }
    }

    package enum OutputScanning: String, CaseIterable, Sendable, Codable {
        case auto = "AUTO"
        case progressive = "PROGRESSIVE"
        /// Halves the stored frame rate.
        case interlacedTopFirst = "INTERLACED_TOP_FIRST"
        case interlacedBottomFirst = "INTERLACED_BOTTOM_FIRST"
    }

    /// How the source's colorimetry is worked out and brought to the pipeline's SDR.
    package struct InputColorSpaceConversion: Hashable, Sendable, Codable {
        package var mappingMode: InputMappingMode
        package var colorProfile: ColorProfile?
        /// False when absent. True: the colorimetry is only settled, nothing is converted.
        package var metadataOnly: Bool?
        package var toneMapper: ToneMapper?

        package init(
            mappingMode: InputMappingMode, colorProfile: ColorProfile? = nil, metadataOnly: Bool? = nil, toneMapper: ToneMapper? = nil
        ) {
            self.mappingMode = mappingMode
            self.colorProfile = colorProfile
            self.metadataOnly = metadataOnly
            self.toneMapper = toneMapper
        }
    }

    package enum InputMappingMode: String, CaseIterable, Sendable, Codable {
        /// The profile as given; an incomplete one is an error.
        case strictUser = "STRICT_USER"
        /// File, then profile, then guess.
        case sourcePriority = "SOURCE_PRIORITY"
        /// Profile, then file, then guess.
        case userPriority = "USER_PRIORITY"
        /// Guess alone.
        case resolutionOnly = "RESOLUTION_ONLY"
    }

    /// HDR to SDR.
    package struct ToneMapper: Hashable, Sendable, Codable {
        package var algorithm: ToneMapping
        /// 1 to 10000 cd/m²; 100 when absent or 0.
        package var outputNits: Double?

        package init(algorithm: ToneMapping, outputNits: Double? = nil) {
            self.algorithm = algorithm
            self.outputNits = outputNits
        }
    }

    package enum ToneMapping: String, CaseIterable, Sendable, Codable {
        case linear = "LINEAR"
        case clip = "CLIP"
        case hable = "HABLE"
        case reinhard = "REINHARD"
        case mobius = "MOBIUS"
    }

    /// To which colorimetry and dynamic range the output is brought.
    package struct OutputColorSpaceConversion: Hashable, Sendable, Codable {
        package var mappingMode: OutputMappingMode
        package var colorProfile: ColorProfile?
        /// False when absent. True: the output is only tagged, nothing is converted.
        package var metadataOnly: Bool?
        package var inverseToneMapper: InverseToneMapper?

        package init(
            mappingMode: OutputMappingMode, colorProfile: ColorProfile? = nil, metadataOnly: Bool? = nil,
            inverseToneMapper: InverseToneMapper? = nil
        ) {
            self.mappingMode = mappingMode
            self.colorProfile = colorProfile
            self.metadataOnly = metadataOnly
            self.inverseToneMapper = inverseToneMapper
        }
    }

    package enum OutputMappingMode: String, CaseIterable, Sendable, Codable {
        case strictUser = "STRICT_USER"
        /// Resolved input, then file or profile, then guess.
        case inputPriority = "INPUT_PRIORITY"
        /// File, then profile, then resolved input.
        case sourcePriority = "SOURCE_PRIORITY"
        /// Profile, then file, then resolved input.
        case userPriority = "USER_PRIORITY"
        case resolutionOnly = "RESOLUTION_ONLY"
    }

    /// SDR to HDR.
    package struct InverseToneMapper: Hashable, Sendable, Codable {
        package var algorithm: InverseToneMapping
        /// 1 to 10000 cd/m²; 100 when absent or 0; not used by `infiniteHDR`, whose peak is the profile's `maxCll`.
        package var outputNits: Double?
        /// At least 0; 1.25 when absent; used by `infiniteHDR` only.
        package var saturationBoost: Double?
        /// 0 to 1: how much of clipped highlights is reconstructed; `customaryHighlightReconstruction` when absent; used by
        /// `infiniteHDR` only. Beyond the contract.
        package var highlightReconstruction: Double?

        /// 0 to 1: how much of the local modulation is applied; `customaryLocalModulation` when absent; used by `infiniteHDR`
        /// only. Beyond the contract.
        package var localModulation: Double?

        /// What is done when nothing is said.
        package static let customaryHighlightReconstruction = 0.0
        package static let customaryLocalModulation = 0.0

        package init(
            algorithm: InverseToneMapping, outputNits: Double? = nil, saturationBoost: Double? = nil,
            highlightReconstruction: Double? = nil,
            localModulation: Double? = nil
        ) {
            self.algorithm = algorithm
            self.outputNits = outputNits
            self.saturationBoost = saturationBoost
            self.highlightReconstruction = highlightReconstruction
            self.localModulation = localModulation
        }
    }

    package enum InverseToneMapping: String, CaseIterable, Sendable, Codable {
        /// Learned; corrects over-exposure.
        case infiniteHDR = "INFINITEHDR"
        case linear = "LINEAR"
        case hable = "HABLE"
        case reinhard = "REINHARD"
        case mobius = "MOBIUS"
    }
}
