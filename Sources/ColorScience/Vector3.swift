/// Three components: R, G, B or X, Y, Z or Y′, C′B, C′R; the name of the variable says which.
package struct Vector3: Hashable, Sendable, Codable {
    package var x: Double
    package var y: Double
    package var z: Double

    package init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The same value three times: a gray, where the components are R, G, B.
    package init(gray value: Double) { self.init(value, value, value) }

    /// The largest component.
    package var maximum: Double { max(x, max(y, z)) }

    /// Every component through one function.
    package func map(_ transform: (Double) -> Double) -> Vector3 { Vector3(transform(x), transform(y), transform(z)) }

    package static func + (left: Vector3, right: Vector3) -> Vector3 { Vector3(left.x + right.x, left.y + right.y, left.z + right.z) }
    package static func - (left: Vector3, right: Vector3) -> Vector3 { Vector3(left.x - right.x, left.y - right.y, left.z - right.z) }
    package static func * (vector: Vector3, factor: Double) -> Vector3 {
        Vector3(vector.x * factor, vector.y * factor, vector.z * factor)
    }
}
