/// How far the lines of a window's frames lie apart: what the network of DEJIT is told.
/// `Training/remaster_training/line_shift.py` is the same in Python.
package struct LineEvidence: Sendable {
    /// Distances in lines at which the lines of a frame are compared.
    package static let steps = [1, 2, 4]
    /// Numbers of a line that the network sees: shift and trust of each comparison, and the deviation.
    package static let channels = 2 * (LineAligner.frameCount * steps.count + LineAligner.frameCount - 1) + 1
    /// Deviation of the jitter, in samples, below which there is none.
    package static let faintest: Float = 0.25
    /// Shifts beyond this many deviations tell no more.
    private static let largest: Float = 8

    private let height: Int
    private let comparisons: [LineShifts]
    /// Deviation of the jitter in samples: of the shifts between neighbouring lines, by their median size, over √2.
    package let deviation: Float

    /// - Parameters:
    ///   - inside: of each frame in order of time, its lines beside those 1, 2 and 4 below, where they lie in the middle frame.
    ///   - across: of the middle frame's lines, beside those of each other frame in order of time.
    package init(inside: [[LineShifts]], across: [LineShifts], height: Int) {
        self.height = height
        comparisons = inside.flatMap { $0 } + across
        deviation = Self.median(inside.flatMap { $0[0].shifts.dropLast().map { abs($0) } }) * 1.4826 / Float(2).squareRoot()
    }

    /// What the network sees, [channel][line] with zeros up to `lines` lines.
    package func channels(lines: Int) -> [Float] {
        var result = [Float](repeating: 0, count: Self.channels * lines)
        for (number, comparison) in comparisons.enumerated() {
            for line in 0..<height {
                let shift = comparison.shifts[line] / deviation
                result[2 * number * lines + line] = min(max(shift, -Self.largest), Self.largest)
                result[(2 * number + 1) * lines + line] = comparison.trusts[line]
            }
        }
        let level = Self.binaryLogarithm(deviation)
        for line in 0..<height { result[(Self.channels - 1) * lines + line] = level }
        return result
    }

    /// The middle value, or the mean of the two in the middle; 0 of nothing.
    private static func median(_ values: [Float]) -> Float {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
    }

    /// log₂ x for x > 0, from the exponent and a series: the same on every machine.
    private static func binaryLogarithm(_ x: Float) -> Float {
        let significand = Double(x.significand)
        // ln m = 2 artanh((m − 1) / (m + 1)), m in 1..<2.
        let ratio = (significand - 1) / (significand + 1)
        var (term, sum) = (ratio, 0.0)
        for odd in stride(from: 1, through: 21, by: 2) {
            sum += term / Double(odd)
            term *= ratio * ratio
        }
        return Float(Double(x.exponent) + 2 * sum / 0.693_147_180_559_945_3)
    }
}
