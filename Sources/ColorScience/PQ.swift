import Glibc

/// The perceptual quantizer of SMPTE ST 2084 and BT.2100 Table 4, with its coefficients as the fractions printed there.
package enum PQ {
    package static let m1 = 2610.0 / 16384.0
    package static let m2 = 2523.0 / 4096.0 * 128.0
    package static let c1 = 3424.0 / 4096.0
    package static let c2 = 2413.0 / 4096.0 * 32.0
    package static let c3 = 2392.0 / 4096.0 * 32.0
    /// Luminance of signal 1, in cd/m².
    package static let peakLuminance = 10_000.0

    /// Display light of a PQ signal.
    ///
    /// - Parameter signal: non-linear value E′, in [0, 1]; clamped.
    /// - Returns: luminance F_D, in cd/m², in [0, 10 000].
    package static func eotf(_ signal: Double) -> Double {
        let root = pow(min(max(signal, 0), 1), 1 / m2)
        return peakLuminance * pow(max(root - c1, 0) / (c2 - c3 * root), 1 / m1)
    }

    /// PQ signal of a display light.
    ///
    /// - Parameter luminance: F_D, in cd/m²; clamped to [0, 10 000].
    /// - Returns: non-linear value E′, in [0, 1]; about 7.3 × 10⁻⁷ for black, exactly as the formula gives it.
    package static func inverseEOTF(_ luminance: Double) -> Double {
        let power = pow(min(max(luminance / peakLuminance, 0), 1), m1)
        return pow((c1 + c2 * power) / (1 + c3 * power), m2)
    }
}
