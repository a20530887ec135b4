/// How far the lines of five frames lie apart, read from the costs of moving each onto others; what the network of DEJIT
/// is told. `Training/remaster_training/line_shift.py` is the same in Python.
package struct LineEvidence: Sendable {
    /// Largest shift that is tried, in samples.
    package static let reach = 16
    /// Shifts that are tried.
    package static let places = 2 * reach + 1
    /// Comparisons of a line: three in each of five frames, with the lines 1, 2 and 4 below; four with other frames.
    package static let comparisons = 19
    /// Numbers of a line that the network sees: shift and trust of each comparison, and the deviation.
    package static let channels = 2 * comparisons + 1
    /// Deviation of the jitter, in samples, below which there is none.
    package static let faintest: Float = 0.25
    /// Shifts beyond this many deviations tell no more.
    private static let largest: Float = 8
    /// Added to the median cost, in codes of 8 bits, so that empty lines are not trusted.
    private static let emptiness: Float = 0.5

    private let height: Int
    /// [comparison][line].
    private var shifts: [Float]
    private var trusts: [Float]
    /// Deviation of the jitter in samples: of the shifts between neighbouring lines, by their median size, over √2.
    package let deviation: Float

    /// - Parameter costs: [comparison][line][place], as `line_cost` writes them; a lower place moves a line to the right.
    package init(costs: UnsafeBufferPointer<Float>, height: Int) {
        self.height = height
        shifts = [Float](repeating: 0, count: Self.comparisons * height)
        trusts = shifts
        var neighbours: [Float] = []
        for comparison in 0..<Self.comparisons {
            let isSpatial = comparison < 15
            let lines = isSpatial ? max(height - 1 << (comparison % 3), 0) : height
            for line in 0..<lines {
                let place = comparison * height + line
                let row = UnsafeBufferPointer(rebasing: costs[(place * Self.places)...].prefix(Self.places))
                (shifts[place], trusts[place]) = Self.least(of: row)
                if isSpatial, comparison % 3 == 0 { neighbours.append(abs(shifts[place])) }
            }
        }
        deviation = Self.median(&neighbours) * 1.4826 / Float(2).squareRoot()
    }

    /// What the network sees, [channel][line] with zeros up to `lines` lines.
    package func channels(lines: Int) -> [Float] {
        var result = [Float](repeating: 0, count: Self.channels * lines)
        for comparison in 0..<Self.comparisons {
            // Inside a frame, or across: shifts of all lines, then their trusts.
            for line in 0..<height {
                let shift = shifts[comparison * height + line] / deviation
                result[2 * comparison * lines + line] = min(max(shift, -Self.largest), Self.largest)
                result[(2 * comparison + 1) * lines + line] = trusts[comparison * height + line]
            }
        }
        let level = Self.binaryLogarithm(deviation)
        for line in 0..<height { result[(Self.channels - 1) * lines + line] = level }
        return result
    }

    /// Least place of a row of costs, moved to the vertex of the parabola through its neighbours, as a shift; and how far
    /// that cost lies below the median.
    private static func least(of row: UnsafeBufferPointer<Float>) -> (shift: Float, trust: Float) {
        var least = 0
        for place in 1..<row.count where row[place] < row[least] { least = place }
        let place = min(max(least, 1), row.count - 2)
        let (before, at, after) = (row[place - 1], row[place], row[place + 1])
        let bend = before - 2 * at + after
        let vertex = bend > 1e-6 ? (before - after) / (2 * bend) : 0
        var sorted = Array(row)
        let middle = median(&sorted)
        return (Float(place - reach) + min(max(vertex, -1), 1), (middle - at) / (middle + emptiness))
    }

    /// The middle value, or the mean of the two in the middle; 0 of nothing.
    private static func median(_ values: inout [Float]) -> Float {
        guard !values.isEmpty else { return 0 }
        values.sort()
        let half = values.count / 2
        return values.count.isMultiple(of: 2) ? (values[half - 1] + values[half]) / 2 : values[half]
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
