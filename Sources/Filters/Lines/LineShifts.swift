/// How far the lines of a frame lie beside lines that they are compared with, read from the costs of moving each onto the
/// other; 0, with no trust, where there is nothing to compare with.
package struct LineShifts: Sendable {
    /// Largest shift that is tried, in samples.
    package static let reach = 16
    /// Shifts that are tried.
    package static let places = 2 * reach + 1
    /// Added to the median cost, in codes of 8 bits, so that empty lines are not trusted.
    private static let emptiness: Float = 0.5

    /// Samples by which each line lies to the right.
    package private(set) var shifts: [Float]
    /// How far each shift can be trusted, 0 ..< 1.
    package private(set) var trusts: [Float]

    /// - Parameters:
    ///   - costs: [line][place], as `line_cost` writes them; a lower place moves a line to the right.
    ///   - down: lines from one to what it is compared with.
    package init(costs: UnsafeBufferPointer<Float>, height: Int, down: Int) {
        shifts = [Float](repeating: 0, count: height)
        trusts = shifts
        for line in max(0, -down)..<max(0, -down, min(height, height - down)) {
            (shifts[line], trusts[line]) = Self.least(of: UnsafeBufferPointer(rebasing: costs[(line * Self.places)...].prefix(Self.places)))
        }
    }

    private init(shifts: [Float], trusts: [Float]) { (self.shifts, self.trusts) = (shifts, trusts) }

    /// What was found of line y + `lines`, at y.
    package func moved(by lines: Int) -> LineShifts {
        func moved(_ values: [Float]) -> [Float] {
            values.indices.map { values.indices.contains($0 + lines) ? values[$0 + lines] : 0 }
        }
        return lines == 0 ? self : LineShifts(shifts: moved(shifts), trusts: moved(trusts))
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
        let middle = row.sorted()[row.count / 2]
        return (Float(place - reach) + min(max(vertex, -1), 1), (middle - at) / (middle + emptiness))
    }
}
