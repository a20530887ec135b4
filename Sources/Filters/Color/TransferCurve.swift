package import ColorScience
import Glibc

/// A display transfer function in the form that the grading kernel evaluates.
package enum TransferCurve: Hashable, Sendable, Codable {
    /// light = factor · signal^gamma, odd about 0.
    case power(gamma: Double, factor: Double)
    case srgb
    case pq
    /// Scene light; the display's OOTF joins all three components.
    case hlg
    /// light = 10^((signal − 1) · decades), 0 for signal 0.
    case logarithmic(decades: Double)

    /// The EOTF of a tag; nil when nothing is known.
    package init?(_ function: TransferFunction) {
        switch function {
        case .unspecified: return nil
        case .bt709, .smpte170M, .smpte240M, .iec61966Part24, .bt1361, .bt2020TenBit, .bt2020TwelveBit:
            self = .power(gamma: TransferFunction.displayGamma, factor: 1)
        case .gamma22: self = .power(gamma: 2.2, factor: 1)
        case .gamma28: self = .power(gamma: 2.8, factor: 1)
        case .linear: self = .power(gamma: 1, factor: 1)
        case .smpte428: self = .power(gamma: 2.6, factor: 52.37 / 48)
        case .logarithmic100: self = .logarithmic(decades: 2)
        case .logarithmic316: self = .logarithmic(decades: 2.5)
        case .srgb: self = .srgb
        case .pq: self = .pq
        case .hlg: self = .hlg
        }
    }

    /// Light of a signal: relative to the nominal peak, scene light for HLG.
    package func decode(_ signal: Double) -> Double {
        switch self {
        case .power(let gamma, let factor): (signal < 0 ? -factor : factor) * pow(abs(signal), gamma)
        case .srgb: TransferFunction.srgb.eotf(signal)
        case .pq: TransferFunction.pq.eotf(signal)
        case .hlg: HLG.inverseOETF(signal)
        case .logarithmic(let decades): signal <= 0 ? 0 : pow(10, (signal - 1) * decades)
        }
    }

    /// Signal of a light: the inverse of `decode`.
    package func encode(_ light: Double) -> Double {
        switch self {
        case .power(let gamma, let factor): (light < 0 ? -1 : 1) * pow(abs(light) / factor, 1 / gamma)
        case .srgb: TransferFunction.srgb.inverseEOTF(light)
        case .pq: TransferFunction.pq.inverseEOTF(light)
        case .hlg: HLG.oetf(light)
        case .logarithmic(let decades): light < pow(10, -decades) ? 0 : 1 + log10(light) / decades
        }
    }
}
