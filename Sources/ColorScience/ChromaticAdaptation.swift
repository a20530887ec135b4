/// Change of white point in CIE X, Y, Z.
package enum ChromaticAdaptation {
    /// Bradford's transform: von Kries scaling in the sharpened cone space that ICC.1 Annex E prints.
    ///
    /// - Returns: matrix that takes X, Y, Z under the white `source` to X, Y, Z under `target`; identity when equal.
    package static func bradford(from source: Chromaticity, to target: Chromaticity) -> Matrix3 {
        if source == target { return .identity }
        let from = cone * source.xyz
        let to = cone * target.xyz
        let scale = Matrix3(diagonal: Vector3(to.x / from.x, to.y / from.y, to.z / from.z))
        return cone.inverse * scale * cone
    }

    private static let cone = Matrix3(
        Vector3(0.8951, 0.2664, -0.1614), Vector3(-0.7502, 1.7135, 0.0367), Vector3(0.0389, -0.0685, 1.0296))
}
