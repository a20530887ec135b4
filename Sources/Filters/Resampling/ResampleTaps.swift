import Primitives

/// The weights of a `ResampleAxis`, computed in Double: one row of `tapCount` weights for each phase.
package struct ResampleTaps: Sendable {
    /// Inputs that an output takes.
    package let tapCount: Int
    /// Distinct rows of weights: output i uses row i mod `phaseCount`.
    package let phaseCount: Int
    /// Inputs that `phaseCount` outputs advance.
    package let step: Int
    /// First input of each phase, before clamping to the plane.
    package let bases: [Int]
    /// `phaseCount` rows of `tapCount` weights.
    package let weights: [Double]

    init(_ axis: ResampleAxis) {
        let stretch = max(axis.scale.double, 1)
        let radius = axis.kernel.radius * stretch
        let tapCount = max(Int((2 * radius).rounded(.up)), 1)
        // No more rows than there are outputs.
        let phaseCount = min(Int(axis.scale.denominator), max(axis.outputCount, 1))
        var bases: [Int] = []
        var weights: [Double] = []
        for phase in 0..<phaseCount {
            let position = axis.scale * Rational(Int64(phase), 1) + axis.origin
            let base = (position - Rational(Int64((radius * 1024).rounded(.down)), 1024)).floor + 1
            var row = (0..<tapCount).map { axis.kernel.weight((Double(base + $0) - position.double) / stretch) }
            let sum = row.reduce(0, +)
            for tap in row.indices { row[tap] /= sum }
            bases.append(base)
            weights += row
        }
        self.tapCount = tapCount
        self.phaseCount = phaseCount
        self.step = Int(axis.scale.numerator)
        self.bases = bases
        self.weights = weights
    }

    /// First input of output `index`, before clamping, and the place of its first weight.
    package func row(of index: Int) -> (first: Int, weight: Int) {
        let (period, phase) = index.quotientAndRemainder(dividingBy: phaseCount)
        return (bases[phase] + period * step, phase * tapCount)
    }

    /// For each phase its base and its weights, as the kernel reads them.
    package var table: [Float] {
        var entries: [Float] = []
        for phase in 0..<phaseCount {
            entries.append(Float(bases[phase]))
            for weight in weights[(phase * tapCount)..<((phase + 1) * tapCount)] { entries.append(Float(weight)) }
        }
        return entries
    }
}
