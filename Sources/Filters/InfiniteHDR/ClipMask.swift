/// How far a signal counts as clipped; the training takes the same (`Training/remaster_training/color.py`).
package enum ClipMask {
    /// Signal from which on a component counts as clipped a little.
    package static let start = 0.95
    /// Signal from which on it counts as clipped wholly.
    package static let end = 0.99

    /// From 0 to 1.
    package static func share(_ signal: Double) -> Double { min(max((signal - start) / (end - start), 0), 1) }
}
