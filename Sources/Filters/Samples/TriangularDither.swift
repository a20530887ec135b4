/// Noise that rounding error is hidden in: triangular over (−1, 1) code values, from plane, position and absolute frame
/// alone, so that no cut into segments changes it. The same integers as `Shaders/include/quantise.glsl`.
package enum TriangularDither {
    /// Noise of one sample, in code values.
    ///
    /// - Parameters:
    ///   - x, y: position in the plane of the output frame.
    ///   - plane: 0…3.
    ///   - frame: absolute index in the source.
    package static func noise(x: Int, y: Int, plane: Int, frame: Int) -> Double {
        let bits = bits(x: x, y: y, plane: plane, frame: frame)
        return (Double(bits & 0xFFFF) + Double(bits >> 16) - 65535) / 65536
    }

    /// Codes: how near to one a value is taken for it. Half a step of 16-bit samples, in codes of 8 bits, and room for arithmetic.
    static let nearness = 1.0 / 256

    /// Random bits of a sample position.
    static func bits(x: Int, y: Int, plane: Int, frame: Int) -> UInt32 {
        let position = UInt32(truncatingIfNeeded: x) &+ UInt32(truncatingIfNeeded: y) << 16
        let moment = UInt32(truncatingIfNeeded: frame) &* 4 &+ UInt32(truncatingIfNeeded: plane)
        return mix(mix(position) ^ (moment &* 0x9E37_79B9))
    }

    private static func mix(_ value: UInt32) -> UInt32 {
        var value = value
        value ^= value >> 16
        value &*= 0x7FEB_352D
        value ^= value >> 15
        value &*= 0x846C_A68B
        value ^= value >> 16
        return value
    }
}
