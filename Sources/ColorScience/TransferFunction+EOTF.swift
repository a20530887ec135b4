import Glibc

extension TransferFunction {
    /// Gamma of the reference display for studio signals, by BT.1886 with a black level of zero.
    package static let displayGamma = 2.4

    /// True for curves whose peak is far above a diffuse white.
    package var isHDR: Bool { self == .pq || self == .hlg }

    /// Luminance of light 1 on the reference display, in cd/m²: 100 (BT.2035) for SDR.
    package var nominalPeakLuminance: Double {
        switch self {
        case .pq: PQ.peakLuminance
        case .hlg: HLG.referencePeak
        default: 100
        }
    }

    /// Display light of a signal, relative to the nominal peak (`nominalPeakLuminance`).
    ///
    /// Studio curves are shown by BT.1886, H.273's 4 and 5 by their named display gamma, sRGB by its own curve. HLG is
    /// its gray axis at 1000 cd/m²: the OOTF of a color needs all three components (`HLG.eotf`). SDR curves are odd about
    /// 0, so that out-of-gamut values survive; PQ and HLG clamp.
    ///
    /// - Precondition: the function is specified.
    package func eotf(_ signal: Double) -> Double {
        switch self {
        case .unspecified: preconditionFailure("an unspecified transfer function has no curve")
        case .bt709, .smpte170M, .smpte240M, .iec61966Part24, .bt1361, .bt2020TenBit, .bt2020TwelveBit:
            Self.signed(signal) { pow($0, Self.displayGamma) }
        case .gamma22: Self.signed(signal) { pow($0, 2.2) }
        case .gamma28: Self.signed(signal) { pow($0, 2.8) }
        case .smpte428: Self.signed(signal) { 52.37 / 48 * pow($0, 2.6) }
        case .hlg: pow(HLG.inverseOETF(signal), HLG.systemGamma(peakLuminance: HLG.referencePeak))
        case .linear, .logarithmic100, .logarithmic316, .srgb, .pq: inverseOETF(signal)
        }
    }

    /// Signal of a display light: the inverse of `eotf(_:)`.
    ///
    /// - Precondition: the function is specified.
    package func inverseEOTF(_ light: Double) -> Double {
        switch self {
        case .unspecified: preconditionFailure("an unspecified transfer function has no curve")
        case .bt709, .smpte170M, .smpte240M, .iec61966Part24, .bt1361, .bt2020TenBit, .bt2020TwelveBit:
            Self.signed(light) { pow($0, 1 / Self.displayGamma) }
        case .gamma22: Self.signed(light) { pow($0, 1 / 2.2) }
        case .gamma28: Self.signed(light) { pow($0, 1 / 2.8) }
        case .smpte428: Self.signed(light) { pow(48 * $0 / 52.37, 1 / 2.6) }
        case .hlg: HLG.oetf(pow(max(light, 0), 1 / HLG.systemGamma(peakLuminance: HLG.referencePeak)))
        case .linear, .logarithmic100, .logarithmic316, .srgb, .pq: oetf(light)
        }
    }
}
