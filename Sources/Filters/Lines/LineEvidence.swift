/// How far the lines of a window's frames lie apart: what the network of DEJIT is told.
/// `Training/remaster_training/line_shift.py` is the same in Python.
package struct LineEvidence: Sendable {
    /// Distances in lines at which the lines of a frame are compared.
    package static let steps = [1, 2, 4]
    /// Numbers of a line that the network sees: shift and trust of each comparison, and the deviation.
    package static let channels = 2 * (LineAligner.frameCount * steps.count + LineAligner.frameCount - 1) + 1
    /// Deviation of the jitter, in samples, below which there is none.
    package static let faintest: Float = 0.25
    /// Sharpness that is enough: noise moves the shift by less than 0.15 samples.
    private static let sharp: Float = 10
    /// Share of the comparisons that must be clear for them to tell anything.
    private static let clearShare = 0.02
    /// Shifts beyond this many deviations tell no more.
    private static let largest: Float = 8

    /// A line's shift, and how sharp the comparison is that told it.
    private struct Sharpened {
        let shift: Float
        let sharpness: Float
    }

    private let height: Int
    private let comparisons: [LineShifts]
    /// Deviation of the jitter in samples, by all clear comparisons of neighbouring lines; `faintest` at least.
    package let deviation: Float
    /// Deviation in samples by which it is told whether there is jitter, 0 where nothing is clear.
    ///
    /// Neighbouring lines must lie apart, and so must the same lines of different frames, each frame's own motion left
    /// aside: slanted stripes do the one and not the other. Of the frames that can be told that one counts which a third
    /// reach: a few may be copies of the middle one, or lie beyond a cut.
    package let unsteadiness: Float

    /// - Parameters:
    ///   - inside: of each frame in order of time, its lines beside those 1, 2 and 4 below, where they lie in the middle frame.
    ///   - across: of the middle frame's lines, beside those of each other frame in order of time.
    package init(inside: [[LineShifts]], across: [LineShifts], height: Int) {
        self.height = height
        comparisons = inside.flatMap { $0 } + across
        let neighbours: [Sharpened] = inside.flatMap { frame in
            zip(frame[0].shifts, frame[0].sharpness).dropLast().map { Sharpened(shift: $0, sharpness: $1) }
        }
        deviation = max(Self.deviation(neighbours.filter { $0.sharpness > 0 }.map(\.shift)), Self.faintest)
        let wanders = across.compactMap(Self.wander).sorted()
        let apart = Self.sharpest(neighbours).map(Self.deviation) ?? 0
        unsteadiness = wanders.isEmpty ? apart : min(apart, wanders[2 * wanders.count / 3])
    }

    /// Deviation of a frame's lines from the middle one's, motion apart, by the upper quartile; nil where it is not told.
    ///
    /// The upper quartile, because shifts of whole samples may leave most lines of two frames equally far apart.
    private static func wander(_ comparison: LineShifts) -> Float? {
        let found = zip(comparison.shifts, comparison.sharpness).map { Sharpened(shift: $0, sharpness: $1) }
        guard let told = sharpest(found) else { return nil }
        let motion = median(found.filter { $0.sharpness > 0 }.map(\.shift))
        let sizes = told.map { abs($0 - motion) }.sorted()
        return sizes[3 * sizes.count / 4] / 1.1503 / Float(2).squareRoot()
    }

    /// Shifts of the best quarter of the clear comparisons, and of all that are sharp enough; nil where few are clear.
    private static func sharpest(_ comparisons: [Sharpened]) -> [Float]? {
        let clear = comparisons.map(\.sharpness).filter { $0 > 0 }.sorted()
        guard !clear.isEmpty, Double(clear.count) >= clearShare * Double(comparisons.count) else { return nil }
        let enough = min(sharp, clear[3 * clear.count / 4])
        return comparisons.filter { $0.sharpness >= enough }.map(\.shift)
    }

    /// Deviation of the jitter: of shifts between lines, by their median size, over √2; 0 of none.
    private static func deviation(_ shifts: [Float]) -> Float {
        median(shifts.map { abs($0) }) * 1.4826 / Float(2).squareRoot()
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
