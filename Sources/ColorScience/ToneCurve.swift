/// A curve between a large and a small range of light, both relative to the same white = 1.
///
/// Applied to max(R, G, B) of a pixel, whose components are then scaled alike, so that hue and saturation stay.
package enum ToneCurve: String, Hashable, Sendable, Codable, CaseIterable {
    /// One factor for all light: peak becomes 1. Its expansion is the identity: white stays where it was put.
    case linear
    /// Light above 1 is cut.
    case clip
    /// J. Hable's filmic curve (2010), A…F = 0.15, 0.50, 0.10, 0.20, 0.02, 0.30.
    case hable
    /// E. Reinhard's x / (1 + x), scaled so that the peak becomes 1.
    case reinhard
    /// Identity below a knee of 0.3, a Möbius transform with equal slope at the knee above.
    case mobius

    /// Light after compression.
    ///
    /// - Parameters:
    ///   - light: ≥ 0; more than `peak` is taken as `peak`.
    ///   - peak: light that becomes 1; with 1 or less nothing is compressed.
    /// - Returns: light in [0, 1].
    package func compress(_ light: Double, peak: Double) -> Double {
        guard peak > 1 else { return min(max(light, 0), 1) }
        let x = min(max(light, 0), peak)
        switch self {
        case .linear: return x / peak
        case .clip: return min(x, 1)
        case .hable: return Self.filmic(x) / Self.filmic(peak)
        case .reinhard: return x / (x + 1) * (peak + 1) / peak
        case .mobius:
            guard x > Self.knee else { return x }
            let (a, b, scale) = Self.mobiusCoefficients(peak)
            return scale * (x + a) / (x + b)
        }
    }

    /// Light before compression: the inverse of `compress`, for inverse tone mapping.
    ///
    /// - Parameters:
    ///   - light: in [0, 1]; clamped.
    ///   - peak: light that 1 becomes; with 1 or less nothing is expanded.
    /// - Returns: light in [0, peak]; `linear` and `clip` leave it as it is.
    package func expand(_ light: Double, peak: Double) -> Double {
        let y = min(max(light, 0), 1)
        guard peak > 1 else { return y }
        switch self {
        case .linear, .clip: return y
        case .hable: return Self.inverseFilmic(y * Self.filmic(peak))
        case .reinhard:
            let scaled = y * peak / (peak + 1)
            return scaled / (1 - scaled)
        case .mobius:
            guard y > Self.knee else { return y }
            let (a, b, scale) = Self.mobiusCoefficients(peak)
            return (b * y - scale * a) / (scale - y)
        }
    }

    /// What `compress` divides by: the unscaled curve at the peak; 1 for curves that need none.
    package func normalization(peak: Double) -> Double { self == .hable && peak > 1 ? Self.filmic(peak) : 1 }

    private static let knee = 0.3

    private static func filmic(_ x: Double) -> Double {
        (x * (0.15 * x + 0.10 * 0.50) + 0.20 * 0.02) / (x * (0.15 * x + 0.50) + 0.20 * 0.30) - 0.02 / 0.30
    }

    /// Positive root of the quadratic that `filmic(x) = y` is.
    private static func inverseFilmic(_ y: Double) -> Double {
        let target = y + 0.02 / 0.30
        let a = 0.15 * (target - 1)
        let b = 0.50 * target - 0.05
        let c = 0.06 * target - 0.004
        return max((-b - max(b * b - 4 * a * c, 0).squareRoot()) / (2 * a), 0)
    }

    /// The transform scale · (x + a) / (x + b) with value and slope of the identity at the knee and value 1 at the peak.
    package static func mobiusCoefficients(_ peak: Double) -> (a: Double, b: Double, scale: Double) {
        let a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
        let b = (knee * knee - 2 * knee * peak + peak) / max(peak - 1, 1e-6)
        return (a, b, (b * b + 2 * b * knee + knee * knee) / (b - a))
    }
}
