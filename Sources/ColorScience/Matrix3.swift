/// A 3 × 3 matrix in row-major order that multiplies column vectors.
package struct Matrix3: Hashable, Sendable, Codable {
    /// First, second and third row.
    package var rows: (Vector3, Vector3, Vector3) { (first, second, third) }
    private var first: Vector3
    private var second: Vector3
    private var third: Vector3

    package init(_ first: Vector3, _ second: Vector3, _ third: Vector3) {
        self.first = first
        self.second = second
        self.third = third
    }

    package static let identity = Matrix3(diagonal: Vector3(1, 1, 1))

    package init(diagonal: Vector3) {
        self.init(Vector3(diagonal.x, 0, 0), Vector3(0, diagonal.y, 0), Vector3(0, 0, diagonal.z))
    }

    /// The nine coefficients, row by row.
    package var coefficients: [Double] {
        [first.x, first.y, first.z, second.x, second.y, second.z, third.x, third.y, third.z]
    }

    package var transposed: Matrix3 {
        Matrix3(
            Vector3(first.x, second.x, third.x), Vector3(first.y, second.y, third.y), Vector3(first.z, second.z, third.z))
    }

    package var determinant: Double {
        first.x * (second.y * third.z - second.z * third.y) - first.y * (second.x * third.z - second.z * third.x)
            + first.z * (second.x * third.y - second.y * third.x)
    }

    /// The inverse by cofactors.
    ///
    /// - Precondition: the determinant is not 0, which holds for every matrix of a color standard.
    package var inverse: Matrix3 {
        let d = determinant
        precondition(d != 0, "a color matrix can be inverted")
        let (a, b, c) = (first, second, third)
        return Matrix3(
            Vector3((b.y * c.z - b.z * c.y) / d, (a.z * c.y - a.y * c.z) / d, (a.y * b.z - a.z * b.y) / d),
            Vector3((b.z * c.x - b.x * c.z) / d, (a.x * c.z - a.z * c.x) / d, (a.z * b.x - a.x * b.z) / d),
            Vector3((b.x * c.y - b.y * c.x) / d, (a.y * c.x - a.x * c.y) / d, (a.x * b.y - a.y * b.x) / d))
    }

    package static func * (matrix: Matrix3, vector: Vector3) -> Vector3 {
        Vector3(dot(matrix.first, vector), dot(matrix.second, vector), dot(matrix.third, vector))
    }

    package static func * (left: Matrix3, right: Matrix3) -> Matrix3 {
        let columns = right.transposed
        return Matrix3(columns * left.first, columns * left.second, columns * left.third)
    }

    private static func dot(_ a: Vector3, _ b: Vector3) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }
}
