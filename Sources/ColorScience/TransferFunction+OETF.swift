import Glibc

extension TransferFunction {
    /// Signal of scene light, by the formula of H.273 Table 3.
    ///
    /// - Parameter scene: relative light, nominally in [0, 1]; PQ, whose standard defines no camera curve of this kind,
    ///   takes display light / 10 000 cd/m².
    /// - Precondition: the function is specified.
    package func oetf(_ scene: Double) -> Double {
        switch self {
        case .unspecified: preconditionFailure("an unspecified transfer function has no curve")
        case .bt709, .smpte170M, .bt2020TenBit, .bt2020TwelveBit: Self.camera(max(scene, 0))
        case .iec61966Part24: scene < 0 ? -Self.camera(-scene) : Self.camera(scene)
        case .bt1361: scene < -0.0045 ? -Self.camera(-4 * scene) / 4 : scene < 0 ? 4.5 * scene : Self.camera(scene)
        case .smpte240M:
            scene < Self.beta240 ? 4 * max(scene, 0) : Self.alpha240 * pow(scene, 0.45) - (Self.alpha240 - 1)
        case .gamma22: pow(max(scene, 0), 1 / 2.2)
        case .gamma28: pow(max(scene, 0), 1 / 2.8)
        case .linear: scene
        case .logarithmic100: scene < 0.01 ? 0 : 1 + log10(scene) / 2
        case .logarithmic316: scene < 10.0.squareRoot() / 1000 ? 0 : 1 + log10(scene) / 2.5
        case .srgb: Self.signed(scene) { $0 < 0.0031308 ? 12.92 * $0 : 1.055 * pow($0, 1 / 2.4) - 0.055 }
        case .pq: PQ.inverseEOTF(scene * PQ.peakLuminance)
        case .smpte428: pow(max(48 * scene / 52.37, 0), 1 / 2.6)
        case .hlg: HLG.oetf(scene)
        }
    }

    /// Scene light of a signal: the inverse of `oetf(_:)`.
    ///
    /// - Precondition: the function is specified.
    package func inverseOETF(_ signal: Double) -> Double {
        switch self {
        case .unspecified: preconditionFailure("an unspecified transfer function has no curve")
        case .bt709, .smpte170M, .bt2020TenBit, .bt2020TwelveBit: Self.inverseCamera(max(signal, 0))
        case .iec61966Part24: signal < 0 ? -Self.inverseCamera(-signal) : Self.inverseCamera(signal)
        case .bt1361:
            signal < -0.02025 ? -Self.inverseCamera(-4 * signal) / 4 : signal < 0 ? signal / 4.5 : Self.inverseCamera(signal)
        case .smpte240M:
            signal < 4 * Self.beta240 ? max(signal, 0) / 4 : pow((signal + (Self.alpha240 - 1)) / Self.alpha240, 1 / 0.45)
        case .gamma22: pow(max(signal, 0), 2.2)
        case .gamma28: pow(max(signal, 0), 2.8)
        case .linear: signal
        case .logarithmic100: signal <= 0 ? 0 : pow(10, (signal - 1) * 2)
        case .logarithmic316: signal <= 0 ? 0 : pow(10, (signal - 1) * 2.5)
        case .srgb: Self.signed(signal) { $0 < 12.92 * 0.0031308 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
        case .pq: PQ.eotf(signal) / PQ.peakLuminance
        case .smpte428: 52.37 / 48 * pow(max(signal, 0), 2.6)
        case .hlg: HLG.inverseOETF(signal)
        }
    }

    /// Where the two pieces of the BT.709 and BT.2020 curve meet with equal value and slope; printed there rounded to
    /// 1.099, 0.018 (10 bit) and 1.0993, 0.0181 (12 bit).
    private static let alpha = 1.099_296_826_809_442
    private static let beta = 0.018_053_968_510_807
    private static let alpha240 = 1.111_572_195_921_731
    private static let beta240 = 0.022_821_585_529_445

    private static func camera(_ light: Double) -> Double { light < beta ? 4.5 * light : alpha * pow(light, 0.45) - (alpha - 1) }

    private static func inverseCamera(_ signal: Double) -> Double {
        signal < 4.5 * beta ? signal / 4.5 : pow((signal + (alpha - 1)) / alpha, 1 / 0.45)
    }

    /// Odd symmetry about 0, so that out-of-gamut values survive a round trip.
    static func signed(_ value: Double, _ curve: (Double) -> Double) -> Double { value < 0 ? -curve(-value) : curve(value) }
}
