import Glibc

/// Hybrid log-gamma of BT.2100 Table 5, for a black level of zero.
package enum HLG {
    package static let a = 0.17883277
    package static let b = 1 - 4 * a
    package static let c = 0.5 - a * log(4 * a)
    /// Nominal peak luminance of the reference display, in cd/m².
    package static let referencePeak = 1000.0

    /// Signal of one component of scene light; both in [0, 1], light clamped below at 0.
    package static func oetf(_ scene: Double) -> Double {
        let light = max(scene, 0)
        return light <= 1.0 / 12 ? (3 * light).squareRoot() : a * log(12 * light - b) + c
    }

    /// Scene light of one signal component; both in [0, 1], signal clamped below at 0.
    package static func inverseOETF(_ signal: Double) -> Double {
        let value = max(signal, 0)
        return value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12
    }

    /// System gamma of a display of `peakLuminance` cd/m²: BT.2100 Note 5e between 400 and 2000, note 5f's extended
    /// form outside.
    package static func systemGamma(peakLuminance: Double) -> Double {
        (400...2000).contains(peakLuminance)
            ? 1.2 + 0.42 * log10(peakLuminance / 1000) : 1.2 * pow(1.111, log2(peakLuminance / 1000))
    }

    /// Display light, in cd/m², of BT.2020 scene light in [0, 1].
    package static func ootf(_ scene: Vector3, peakLuminance: Double) -> Vector3 {
        let luminance = sceneLuminance(scene)
        guard luminance > 0 else { return Vector3(gray: 0) }
        return scene * (peakLuminance * pow(luminance, systemGamma(peakLuminance: peakLuminance) - 1))
    }

    /// Scene light in [0, 1] of BT.2020 display light in cd/m².
    package static func inverseOOTF(_ display: Vector3, peakLuminance: Double) -> Vector3 {
        let luminance = sceneLuminance(display) / peakLuminance
        guard luminance > 0 else { return Vector3(gray: 0) }
        let gamma = systemGamma(peakLuminance: peakLuminance)
        return display * (pow(luminance, (1 - gamma) / gamma) / peakLuminance)
    }

    /// Display light, in cd/m², of an R′G′B′ signal.
    package static func eotf(_ signal: Vector3, peakLuminance: Double) -> Vector3 {
        ootf(signal.map(inverseOETF), peakLuminance: peakLuminance)
    }

    /// R′G′B′ signal of display light in cd/m².
    package static func inverseEOTF(_ display: Vector3, peakLuminance: Double) -> Vector3 {
        inverseOOTF(display, peakLuminance: peakLuminance).map(oetf)
    }

    private static func sceneLuminance(_ rgb: Vector3) -> Double { 0.2627 * rgb.x + 0.6780 * rgb.y + 0.0593 * rgb.z }
}
