package import ColorScience
import Glibc
package import Picture

/// One pixelwise conversion of R′G′B′: decode to light, expand, change the gamut, compress, encode.
///
/// Working light 1 is the white that the tone curve is relative to. Evaluated here in Double, in
/// `Shaders/picture_grade.comp` on the device.
package struct ColorPath: Hashable, Sendable, Codable {
    /// A tone curve and its direction.
    package struct Tone: Hashable, Sendable, Codable {
        package let curve: ToneCurve
        /// Largest light relative to white.
        package let peak: Double
        /// True: SDR to HDR, before the gamut. False: HDR to SDR, after it.
        package let expands: Bool
    }

    package let decode: TransferCurve
    package let encode: TransferCurve
    /// Light of the source primaries → light of the target primaries.
    package let gamut: Matrix3
    package let tone: Tone?
    /// Working light of decoded light 1.
    package let lightIn: Double
    /// Encoder input of working light 1.
    package let lightOut: Double
    /// Largest result; nil leaves values outside [0, 1] as they are (SDR to SDR).
    package let limit: Double?

    /// The result for one color.
    package func apply(_ color: Vector3) -> Vector3 {
        var light = color.map(decode.decode)
        if decode == .hlg { light = light * pow(max(Self.luminance(light), 0), Self.hlgGamma - 1) }
        light = light * lightIn
        if let tone, tone.expands { light = Self.scaled(light) { tone.curve.expand($0, peak: tone.peak) } }
        light = gamut * light
        if let tone, !tone.expands { light = Self.scaled(light) { tone.curve.compress($0, peak: tone.peak) } }
        light = light * lightOut
        if encode == .hlg {
            light = light.map { max($0, 0) }
            let luminance = Self.luminance(light)
            light = light * (luminance > 0 ? pow(luminance, (1 - Self.hlgGamma) / Self.hlgGamma) : 0)
        }
        let signal = light.map(encode.encode)
        return limit.map { limit in signal.map { min(max($0, 0), limit) } } ?? signal
    }

    /// System gamma of the 1000 cd/m² reference display.
    static let hlgGamma = HLG.systemGamma(peakLuminance: HLG.referencePeak)

    private static func luminance(_ light: Vector3) -> Double { 0.2627 * light.x + 0.6780 * light.y + 0.0593 * light.z }

    /// Scales a color, without negative parts, so that its largest component goes through `curve`.
    private static func scaled(_ light: Vector3, _ curve: (Double) -> Double) -> Vector3 {
        let peak = light.maximum
        guard peak > 0 else { return Vector3(gray: 0) }
        return light.map { max($0, 0) } * (curve(peak) / peak)
    }
}

extension ColorPath {
    /// The conversion between two tagged signals; nil when it would change nothing.
    ///
    /// - Throws: `unspecifiedColor`, and `needsToneCurve` or `unsuitableToneCurve` where range and curve do not fit.
    package static func resolve(_ conversion: ColorConversion, from source: ColorTags, to target: ColorTags) throws(FilterError)
        -> ColorPath?
    {
        guard let decode = TransferCurve(source.transfer) else { throw .unspecifiedColor(.input) }
        guard let encode = TransferCurve(target.transfer) else { throw .unspecifiedColor(.output) }
        guard source.primaries != .unspecified else { throw .unspecifiedColor(.input) }
        guard let gamut = source.primaries.matrix(to: target.primaries) else { throw .unspecifiedColor(.output) }
        let (hdrIn, hdrOut) = (source.transfer.isHDR, target.transfer.isHDR)
        switch conversion {
        case .none, .infiniteHDR: return nil
        case .convert:
            guard hdrIn == hdrOut else { throw .needsToneCurve(from: source.transfer, to: target.transfer) }
            if decode == encode && gamut == .identity { return nil }
            let ratio = hdrIn ? source.transfer.nominalPeakLuminance / target.transfer.nominalPeakLuminance : 1
            return ColorPath(
                decode: decode, encode: encode, gamut: gamut, tone: nil, lightIn: 1, lightOut: ratio, limit: hdrOut ? 1 : nil)
        case .toneMap(let curve, let sourcePeak, let outputLuminance):
            guard hdrIn, !hdrOut else { throw .unsuitableToneCurve(from: source.transfer, to: target.transfer) }
            return ColorPath(
                decode: decode, encode: encode, gamut: gamut,
                tone: Tone(curve: curve, peak: sourcePeak / outputLuminance, expands: false),
                lightIn: source.transfer.nominalPeakLuminance / outputLuminance, lightOut: 1, limit: 1)
        case .inverseToneMap(let curve, let whiteLuminance, let peakLuminance):
            guard !hdrIn, hdrOut else { throw .unsuitableToneCurve(from: source.transfer, to: target.transfer) }
            let peak = min(peakLuminance, target.transfer.nominalPeakLuminance)
            return ColorPath(
                decode: decode, encode: encode, gamut: gamut,
                tone: Tone(curve: curve, peak: peak / whiteLuminance, expands: true), lightIn: 1,
                lightOut: whiteLuminance / target.transfer.nominalPeakLuminance,
                limit: target.transfer == .pq ? PQ.inverseEOTF(peak) : 1)
        }
    }
}
