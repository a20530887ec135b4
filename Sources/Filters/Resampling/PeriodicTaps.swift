import Primitives

/// The weights of a `ResampleAxis` whose pattern repeats after at most eight outputs, in the form of `plane_enlarge`.
package struct PeriodicTaps: Sendable {
    /// Inputs under one period.
    package let window: Int
    /// Outputs of one period, 1…8.
    package let phases: Int
    /// Inputs that a period advances.
    package let step: Int
    /// First input of the first period, before clamping.
    package let base: Int
    /// For each input of the window, the weights that it has in outputs 0…3, then in 4…7.
    package let rows: [SIMD4<Float>]

    /// Largest window that the kernel's uniform block holds.
    package static let largestWindow = 64

    /// Nil when the pattern is longer, or the window larger, than the kernel takes.
    package init?(_ axis: ResampleAxis) {
        guard axis.scale.denominator <= 8 else { return nil }
        let taps = axis.taps
        guard taps.phaseCount == Int(axis.scale.denominator), let base = taps.bases.min(), let last = taps.bases.max() else { return nil }
        let window = last - base + taps.tapCount
        guard window <= Self.largestWindow else { return nil }
        var rows = [SIMD4<Float>](repeating: .zero, count: 2 * window)
        for phase in 0..<taps.phaseCount {
            for tap in 0..<taps.tapCount {
                rows[2 * (taps.bases[phase] - base + tap) + phase / 4][phase % 4] = Float(taps.weights[phase * taps.tapCount + tap])
            }
        }
        self.window = window
        phases = taps.phaseCount
        step = taps.step
        self.base = base
        self.rows = rows
    }
}
