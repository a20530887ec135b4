/// How far the lines of a frame lie beside lines that they are compared with, read from the costs of moving each onto the
/// other; 0, with no trust, where there is nothing to compare with.
package struct LineShifts: Sendable {
    /// Largest shift that is tried, in samples.
    package static let reach = 16
    /// Shifts that are tried.
    package static let places = 2 * reach + 1
    /// Places of a row of costs, that of no shift first.
    private static let nearestFirst = [reach] + (1...reach).flatMap { [reach - $0, reach + $0] }
    /// Added to costs, in codes of 8 bits, so that empty lines are neither trusted nor sharp.
    private static let emptiness: Float = 0.5
    /// A comparison is clear where its least cost lies this many chances below the median: noise alone gets to 3.4.
    private static let beyondChance: Float = 4
    /// A comparison is clear where its least cost lies this many chances below every other valley.
    private static let alone: Float = 2

    /// Samples by which each line lies to the right.
    package private(set) var shifts: [Float]
    /// How far each shift can be trusted, 0 ..< 1.
    package private(set) var trusts: [Float]
    /// How little noise can move each shift: the bend of the costs over what chance makes of the least one; 0 where the
    /// comparison is not clear, because chance or another shift would do as well.
    package private(set) var sharpness: [Float]

    /// - Parameters:
    ///   - costs: [line][place], as `line_cost` writes them; a lower place moves a line to the right.
    ///   - samples: differences that each cost is the mean of, at least 1.
    ///   - down: lines from one to what it is compared with.
    package init(costs: UnsafeBufferPointer<Float>, height: Int, samples: Int, down: Int) {
        shifts = [Float](repeating: 0, count: height)
        trusts = shifts
        sharpness = shifts
        let root = Float(samples).squareRoot()
        for line in max(0, -down)..<max(0, -down, min(height, height - down)) {
            let row = UnsafeBufferPointer(rebasing: costs[(line * Self.places)...].prefix(Self.places))
            (shifts[line], trusts[line], sharpness[line]) = Self.least(of: row, root: root)
        }
    }

    private init(shifts: [Float], trusts: [Float], sharpness: [Float]) {
        (self.shifts, self.trusts, self.sharpness) = (shifts, trusts, sharpness)
    }

    /// What was found of line y + `lines`, at y.
    package func moved(by lines: Int) -> LineShifts {
        func moved(_ values: [Float]) -> [Float] {
            values.indices.map { values.indices.contains($0 + lines) ? values[$0 + lines] : 0 }
        }
        return lines == 0 ? self : LineShifts(shifts: moved(shifts), trusts: moved(trusts), sharpness: moved(sharpness))
    }

    /// Least place of a row of costs, of equals the one nearest to none, moved to the vertex of the parabola through its
    /// neighbours, as a shift; how far that cost lies below the median; and how sharp the valley is.
    ///
    /// Chance moves a mean of n differences by about its size over the root of n, whatever the noise.
    private static func least(of row: UnsafeBufferPointer<Float>, root: Float) -> (shift: Float, trust: Float, sharpness: Float) {
        var least = reach
        for place in nearestFirst where row[place] < row[least] { least = place }
        let place = min(max(least, 1), row.count - 2)
        let (before, at, after) = (row[place - 1], row[place], row[place + 1])
        let bend = before - 2 * at + after
        let vertex = bend > 1e-6 ? (before - after) / (2 * bend) : 0
        let middle = row.sorted()[row.count / 2]
        let chance = (middle + emptiness) / root
        let clear = middle - at > beyondChance * chance && otherValley(of: row, than: place) - at > alone * chance
        return (
            Float(place - reach) + min(max(vertex, -1), 1), (middle - at) / (middle + emptiness),
            clear ? max(bend, 0) * root / (at + emptiness) : 0
        )
    }

    /// Least cost that lies above none of its neighbours', more than one place from `own`; infinite where there is none.
    private static func otherValley(of row: UnsafeBufferPointer<Float>, than own: Int) -> Float {
        var least = Float.infinity
        for place in row.indices where abs(place - own) > 1 {
            let (before, after) = (place > 0 ? row[place - 1] : .infinity, place < row.count - 1 ? row[place + 1] : .infinity)
            if row[place] <= before, row[place] <= after { least = min(least, row[place]) }
        }
        return least
    }
}
