package import ColorScience
import Glibc

/// What the color stage does with the gains of reconstructed highlights.
///
/// Each component of a pixel's light is multiplied by 2 to its gain times the pixel's mask. The rule that bounds it: a
/// pixel without a clipped component does not change; the largest component neither exceeds the peak nor falls from above
/// diffuse white to below it; the network's gains are at most two stops either way, and equal among surroundings without
/// color, so that gray pictures stay gray.
package struct HighlightLift: Hashable, Sendable, Codable {
    /// Transfer function of the result: PQ or HLG.
    package let transfer: TransferCurve
    /// Factor on gains: the strength, and how much of the trained range of highlights the peak leaves.
    package let factor: Double
    /// Light of diffuse white, as the transfer function decodes it.
    package let white: Double
    /// Light of the peak, likewise.
    package let peak: Double

    /// - Parameters:
    ///   - transfer: PQ or HLG.
    ///   - peakLuminance: largest result, in cd/m².
    init(transfer: TransferCurve, peakLuminance: Double, strength: Double) {
        self.transfer = transfer
        let expansion = LightExpansion(peakLuminance: peakLuminance, saturationBoost: 1)
        let (white, peak) = (min(ReferenceWhite.luminance, expansion.peakLuminance), expansion.peakLuminance)
        if transfer == .hlg {
            // Scene light: the display's is its power.
            factor = strength * expansion.headroom / ColorPath.hlgGamma
            self.white = pow(min(white / HLG.referencePeak, 1), 1 / ColorPath.hlgGamma)
            self.peak = pow(min(peak / HLG.referencePeak, 1), 1 / ColorPath.hlgGamma)
        } else {
            factor = strength * expansion.headroom
            self.white = white / PQ.peakLuminance
            self.peak = peak / PQ.peakLuminance
        }
    }

    /// Twin of the same step of `picture_grade_local`.
    ///
    /// - Parameters:
    ///   - color: result of the shot's table, R′G′B′.
    ///   - source: what the table was applied to.
    ///   - gains: of R, G and B, in stops.
    package func apply(_ color: Vector3, source: Vector3, gains: Vector3) -> Vector3 {
        let share = factor * ClipMask.share(source.maximum)
        guard share > 0, gains != Vector3(gray: 0) else { return color }
        let light = color.map { transfer.decode(max($0, 0)) }
        let stops = gains * share
        let lifted = Vector3(light.x * exp2(stops.x), light.y * exp2(stops.y), light.z * exp2(stops.z))
        let (before, after) = (light.maximum, lifted.maximum)
        guard after > 0 else { return color }
        let wanted = min(max(after, min(before, white)), max(before, peak))
        return lifted.map { transfer.encode($0 * (wanted / after)) }
    }
}
