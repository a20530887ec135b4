package import ColorScience

/// A color mapping sampled on a cube and applied by tetrahedral interpolation; immutable, shared by reference.
///
/// Entry i of an axis stands for the signal (i / (edge − 1))²: PQ is so steep near black that 33 equal steps are off by
/// 2.5 10-bit codes there, these by less than half a code (203 cd/m² expansion of BT.1886 along gray).
///
/// Results stay inside the convex hull of the entries: a table that never exceeds a peak never makes a pixel exceed it.
package final class BakedLUT: Sendable {
    /// Entries along each axis, 2…65.
    package let edge: Int
    /// edge³ × 3 values in [0, 1]: R′, G′, B′ of each entry, red fastest.
    package let values: [Float]
    /// The same mapping to the peak it was trained for, as PQ BT.2020: what a network that reconstructs highlights is
    /// shown the picture through.
    package let guide: BakedLUT?
    /// How far the mapping is one at all, 0 to 1: 0 where it is the linear expansion. Gains of places count by it.
    package let openness: Double

    /// - Throws: `malformedLook` when the edge is not 2…65 or the values are not edge³ × 3 or not in [0, 1].
    package init(edge: Int, values: [Float], guide: BakedLUT? = nil, openness: Double = 0) throws(FilterError) {
        guard (2...65).contains(edge), values.count == edge * edge * edge * 3, values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
            throw .malformedLook(edge: edge, values: values.count)
        }
        self.edge = edge
        self.values = values
        self.guide = guide
        self.openness = openness
    }

    /// Samples a mapping; results are clamped to [0, 1].
    package convenience init(edge: Int, mapping: (Vector3) -> Vector3) throws(FilterError) {
        var values: [Float] = []
        values.reserveCapacity(edge * edge * edge * 3)
        for color in Self.grid(edge: edge) {
            let result = mapping(color)
            values += [result.x, result.y, result.z].map { Float(min(max($0, 0), 1)) }
        }
        try self.init(edge: edge, values: values)
    }

    /// The colors of the entries, in their order.
    package static func grid(edge: Int) -> [Vector3] {
        let top = Double(edge - 1)
        return (0..<(edge * edge * edge)).map { index in
            Vector3(Double(index % edge), Double(index / edge % edge), Double(index / (edge * edge))).map { ($0 / top) * ($0 / top) }
        }
    }

    /// The mapping at any color; clamped to the cube.
    package func apply(_ color: Vector3) -> Vector3 {
        let top = Double(edge - 1)
        let position = color.map { min(max($0, 0), 1).squareRoot() * top }
        let cell = position.map { min($0.rounded(.down), top - 1) }
        let fractions = position - cell
        var axes = [(fractions.x, 1), (fractions.y, edge), (fractions.z, edge * edge)]
        axes.sort { $0.0 > $1.0 }
        var index = Int(cell.x) + edge * (Int(cell.y) + edge * Int(cell.z))
        var result = entry(index) * (1 - axes[0].0)
        for (place, axis) in axes.enumerated() {
            index += axis.1
            result = result + entry(index) * (axis.0 - (place < 2 ? axes[place + 1].0 : 0))
        }
        return result
    }

    /// The entries as the kernel reads them: two words each, red and green, then blue, as 16-bit fractions.
    package var packed: [UInt32] {
        var words: [UInt32] = []
        words.reserveCapacity(edge * edge * edge * 2)
        for index in 0..<(edge * edge * edge) {
            let codes = values[(3 * index)..<(3 * index + 3)].map { UInt32(($0 * 65535 + 0.5).rounded(.down)) }
            words.append(codes[0] | codes[1] << 16)
            words.append(codes[2])
        }
        return words
    }

    private func entry(_ index: Int) -> Vector3 {
        Vector3(Double(values[3 * index]), Double(values[3 * index + 1]), Double(values[3 * index + 2]))
    }
}
