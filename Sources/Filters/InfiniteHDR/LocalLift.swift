package import ColorScience
import Glibc

/// What the color stage does with the gains of local modulation.
///
/// A pixel's light is multiplied by 2 to its gain: all components alike, so that hue stays and gray stays gray. The gain
/// depends on the place and on the pixel's largest component, so that what is dark beside something bright keeps its light.
/// The rules that bound it: signals up to the first node do not change; the network's gains are at most one stop either way
/// and fall by at most 0.3 from a node to the next; nothing is lifted above the peak.
package struct LocalLift: Hashable, Sendable, Codable {
    /// Signals of the largest component between which the gain is interpolated; it is 0 up to the first, constant from the last.
    package static let nodes = [0.5, 0.65, 0.8, 0.9, 1.0]

    /// Transfer function of the result: PQ or HLG.
    package let transfer: TransferCurve
    /// Factor on gains: the strength, and how much of the trained range of highlights the peak leaves.
    package let factor: Double
    /// Light of the peak, as the transfer function decodes it.
    package let peak: Double
    /// Part of the gain that clipped areas do not get, because their reconstruction gives them their light: 0 to 1.
    package let yields: Double

    /// - Parameters:
    ///   - transfer: PQ or HLG.
    ///   - peakLuminance: largest result, in cd/m².
    ///   - highlights: strength of the reconstruction of clipped highlights.
    init(transfer: TransferCurve, peakLuminance: Double, strength: Double, highlights: Double) {
        let lift = HighlightLift(transfer: transfer, peakLuminance: peakLuminance, strength: strength)
        self.transfer = transfer
        factor = lift.factor
        peak = lift.peak
        yields = min(highlights, 1)
    }

    /// Weights of the gains at the nodes but the first, for a pixel whose largest component is `signal`.
    package static func weights(_ signal: Double) -> [Double] {
        nodes.indices.dropFirst().map { node in
            let rising = min(max((signal - nodes[node - 1]) / (nodes[node] - nodes[node - 1]), 0), 1)
            guard node + 1 < nodes.count else { return rising }
            return min(rising, max((nodes[node + 1] - signal) / (nodes[node + 1] - nodes[node]), 0))
        }
    }

    /// Twin of the same step of `picture_grade_local`.
    ///
    /// - Parameters:
    ///   - color: result of the shot's table, R′G′B′.
    ///   - source: what the table was applied to.
    ///   - gains: at each node but the first, in stops.
    ///   - openness: how far the shot's mapping is one at all, 0 to 1.
    package func apply(_ color: Vector3, source: Vector3, gains: [Double], openness: Double) -> Vector3 {
        let signal = source.maximum
        let share = factor * openness * (1 - yields * ClipMask.share(signal))
        let stops = share * zip(gains, Self.weights(signal)).reduce(0) { $0 + $1.0 * $1.1 }
        guard stops != 0 else { return color }
        let light = color.map { transfer.decode(max($0, 0)) }
        let before = light.maximum
        guard before > 0 else { return color }
        let scale = min(exp2(stops), max(before, peak) / before)
        return light.map { transfer.encode($0 * scale) }
    }
}
