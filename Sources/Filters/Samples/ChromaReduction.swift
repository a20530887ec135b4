import Primitives

/// Halving of a chroma plane around the siting of its samples, along one axis: a triangle of radius 2 input samples,
/// area-correct and without negative weights, so that saturated edges do not ring.
package struct ChromaReduction: Hashable, Sendable, Codable {
    /// Input samples an output sample: 1 or 2.
    package let step: Int
    /// Weights of the inputs step · i − 1 … step · i + 2; their sum is 1.
    package let weights: [Double]

    /// - Parameter grid: the output plane on the luma grid; pitch 1 or 2.
    package init(_ grid: PlaneGrid) {
        step = grid.pitch
        let offset = grid.offset.double
        weights = grid.pitch == 1 ? [0, 1, 0, 0] : (0..<4).map { max(0, 1 - abs(Double($0) - 1 - offset) / 2) / 2 }
    }

    /// True when nothing is reduced.
    package var isIdentity: Bool { step == 1 }
}

extension ReferencePlane {
    /// Twin of the reduction in `plane_quantise`, at one output sample.
    package func reduced(x: Int, y: Int, columns: ChromaReduction, rows: ChromaReduction) -> Double {
        var sum = 0.0
        for (j, rowWeight) in rows.weights.enumerated() where rowWeight != 0 {
            for (i, weight) in columns.weights.enumerated() where weight != 0 {
                sum += rowWeight * weight * clamped(columns.step * x + i - 1, rows.step * y + j - 1)
            }
        }
        return sum
    }
}
