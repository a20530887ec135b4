package import ColorScience

extension ProcessingOptions {
    /// A colorimetry in the contract's words (`Colorimetry`).
    package struct ColorProfile: Hashable, Sendable, Codable {
        package var colorSpace: ColorSpace?
        package var colorPrimaries: Primaries?
        package var transferCharacteristics: Transfer?
        package var colorRange: Range?
        package var hdrFormat: HDRFormat?
        package var masteringDisplay: MasteringDisplay?
        /// 0 to 10000 cd/m²: the peak of any HDR, and HDR10's MaxCLL.
        package var maxCll: Double?
        /// 0 to 10000 cd/m²: HDR10's MaxFALL.
        package var maxFall: Double?

        package init(
            colorSpace: ColorSpace? = nil, colorPrimaries: Primaries? = nil, transferCharacteristics: Transfer? = nil,
            colorRange: Range? = nil, hdrFormat: HDRFormat? = nil, masteringDisplay: MasteringDisplay? = nil, maxCll: Double? = nil,
            maxFall: Double? = nil
        ) {
            self.colorSpace = colorSpace
            self.colorPrimaries = colorPrimaries
            self.transferCharacteristics = transferCharacteristics
            self.colorRange = colorRange
            self.hdrFormat = hdrFormat
            self.masteringDisplay = masteringDisplay
            self.maxCll = maxCll
            self.maxFall = maxFall
        }
    }

    package enum ColorSpace: String, CaseIterable, Sendable, Codable {
        case bt470BG = "BT470BG"
        case fcc = "FCC"
        case smpte170M = "SMPTE170M"
        case smpte240M = "SMPTE240M"
        case bt709 = "BT709"
        case bt2020NC = "BT2020NC"
        case bt2020C = "BT2020C"

        /// The H.273 code point of this name.
        package var matrix: MatrixCoefficients {
            switch self {
            case .bt470BG: .bt470BG
            case .fcc: .fcc
            case .smpte170M: .smpte170M
            case .smpte240M: .smpte240M
            case .bt709: .bt709
            case .bt2020NC: .bt2020NCL
            case .bt2020C: .bt2020CL
            }
        }
    }

    package enum Primaries: String, CaseIterable, Sendable, Codable {
        case bt470BG = "BT470BG"
        case bt470M = "BT470M"
        case smpte170M = "SMPTE170M"
        case smpte240M = "SMPTE240M"
        case film = "FILM"
        case bt709 = "BT709"
        case bt2020 = "BT2020"
        case smpte428 = "SMPTE428"
        case smpte431 = "SMPTE431"
        case smpte432 = "SMPTE432"

        /// The H.273 code point of this name.
        package var primaries: ColorPrimaries {
            switch self {
            case .bt470BG: .bt470BG
            case .bt470M: .bt470M
            case .smpte170M: .smpte170M
            case .smpte240M: .smpte240M
            case .film: .film
            case .bt709: .bt709
            case .bt2020: .bt2020
            case .smpte428: .smpte428
            case .smpte431: .smpte431
            case .smpte432: .smpte432
            }
        }
    }

    package enum Transfer: String, CaseIterable, Sendable, Codable {
        /// Display gamma 2.8 (H.273 code 5).
        case bt470BG = "BT470BG"
        /// Display gamma 2.2 (H.273 code 4).
        case bt470M = "BT470M"
        case smpte170M = "SMPTE170M"
        case smpte240M = "SMPTE240M"
        case bt709 = "BT709"
        case bt2020TenBit = "BT2020_10"
        case bt2020TwelveBit = "BT2020_12"
        case linear = "LINEAR"
        case smpte2084 = "SMPTE2084"
        case aribStdB67 = "ARIB_STD_B67"

        /// The H.273 code point of this name.
        package var function: TransferFunction {
            switch self {
            case .bt470BG: .gamma28
            case .bt470M: .gamma22
            case .smpte170M: .smpte170M
            case .smpte240M: .smpte240M
            case .bt709: .bt709
            case .bt2020TenBit: .bt2020TenBit
            case .bt2020TwelveBit: .bt2020TwelveBit
            case .linear: .linear
            case .smpte2084: .pq
            case .aribStdB67: .hlg
            }
        }
    }

    package enum Range: String, CaseIterable, Sendable, Codable {
        case limited = "LIMITED"
        case full = "FULL"

        package var range: ColorRange {
            switch self {
            case .limited: .limited
            case .full: .full
            }
        }
    }

    package enum HDRFormat: String, CaseIterable, Sendable, Codable {
        /// Hybrid log-gamma, no static metadata.
        case hlg = "HLG"
        /// Perceptual quantizer in 10 bits, no static metadata.
        case pq10 = "PQ10"
        /// Perceptual quantizer in 10 bits with mastering display and light levels; HEVC 4:2:0 only.
        case hdr10 = "HDR10"

        /// The one transfer function the format allows.
        package var transfer: Transfer { self == .hlg ? .aribStdB67 : .smpte2084 }
    }

    /// The display the picture was graded on (SMPTE ST 2086), in the contract's words.
    package struct MasteringDisplay: Hashable, Sendable, Codable {
        /// Wins over the four points.
        package var tag: MasteringDisplayTag?
        package var red: Point?
        package var green: Point?
        package var blue: Point?
        package var whitePoint: Point?
        /// In cd/m², 0 to 10000; 0.005 when absent.
        package var minLuminance: Double?
        /// In cd/m², 0 to 10000; the profile's `maxCll` when absent, else 1000.
        package var maxLuminance: Double?

        package init(
            tag: MasteringDisplayTag? = nil, red: Point? = nil, green: Point? = nil, blue: Point? = nil, whitePoint: Point? = nil,
            minLuminance: Double? = nil, maxLuminance: Double? = nil
        ) {
            self.tag = tag
            self.red = red
            self.green = green
            self.blue = blue
            self.whitePoint = whitePoint
            self.minLuminance = minLuminance
            self.maxLuminance = maxLuminance
        }
    }

    package enum MasteringDisplayTag: String, CaseIterable, Sendable, Codable {
        case p3D65 = "P3_D65"
        case bt2020 = "BT2020"
    }

    /// A chromaticity (CIE 1931 x, y), each 0 to 1.
    package struct Point: Hashable, Sendable, Codable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }
}
