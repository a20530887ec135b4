/// A point of the CIE 1931 x, y diagram.
package struct Chromaticity: Hashable, Sendable, Codable {
    package let x: Double
    package let y: Double

    package init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }

    /// The tristimulus value of this chromaticity with Y = 1.
    package var xyz: Vector3 { Vector3(x / y, 1, (1 - x - y) / y) }

    /// Illuminant D65 as BT.709 and BT.2020 print it.
    package static let d65 = Chromaticity(0.3127, 0.3290)
}

/// Three primaries and a white point: all that a gamut is.
package struct Primaries: Hashable, Sendable, Codable {
    package let red: Chromaticity
    package let green: Chromaticity
    package let blue: Chromaticity
    package let white: Chromaticity

    package init(red: Chromaticity, green: Chromaticity, blue: Chromaticity, white: Chromaticity) {
        self.red = red
        self.green = green
        self.blue = blue
        self.white = white
    }

    /// Linear R, G, B → CIE X, Y, Z, with Y = 1 for R = G = B = 1 (SMPTE RP 177).
    package var rgbToXYZ: Matrix3 {
        let columns = Matrix3(red.xyz, green.xyz, blue.xyz).transposed
        let scale = columns.inverse * white.xyz
        return columns * Matrix3(diagonal: scale)
    }

    /// CIE X, Y, Z → linear R, G, B.
    package var xyzToRGB: Matrix3 { rgbToXYZ.inverse }

    /// Linear R, G, B of these primaries → linear R, G, B of `target`.
    ///
    /// White maps to white: where the white points differ, X, Y, Z is adapted by Bradford's transform in between.
    package func matrix(to target: Primaries) -> Matrix3 {
        if self == target { return .identity }
        return target.xyzToRGB * ChromaticAdaptation.bradford(from: white, to: target.white) * rgbToXYZ
    }
}
