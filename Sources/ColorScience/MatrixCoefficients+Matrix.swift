extension MatrixCoefficients {
    /// Weights K_R and K_B of H.273 Table 4; nil where the matrix is not made of two weights.
    ///
    /// - Parameter primaries: those of the signal, used by the chroma-derived matrices only.
    package func lumaWeights(primaries: ColorPrimaries) -> (red: Double, blue: Double)? {
        switch self {
        case .bt709: (0.2126, 0.0722)
        case .fcc: (0.30, 0.11)
        case .bt470BG, .smpte170M: (0.299, 0.114)
        case .smpte240M: (0.212, 0.087)
        case .bt2020NCL: (0.2627, 0.0593)
        case .chromaDerivedNCL:
            primaries.primaries.map { primaries in
                let luminance = primaries.rgbToXYZ.rows.1
                return (luminance.x, luminance.z)
            }
        case .identity, .unspecified, .ycgco, .bt2020CL, .smpte2085, .chromaDerivedCL, .ictcp: nil
        }
    }

    /// R′, G′, B′ → Y′, C′B, C′R, with Y′ in [0, 1] and chroma in [−0.5, 0.5]; nil for what is not a linear map of R′G′B′.
    ///
    /// `identity` (GBR) keeps the order Y′ = G′, C′B = B′, C′R = R′ of H.273, without the chroma offset.
    package func rgbToYCbCr(primaries: ColorPrimaries) -> Matrix3? {
        switch self {
        case .identity: return Matrix3(Vector3(0, 1, 0), Vector3(0, 0, 1), Vector3(1, 0, 0))
        case .ycgco: return Matrix3(Vector3(0.25, 0.5, 0.25), Vector3(-0.25, 0.5, -0.25), Vector3(0.5, 0, -0.5))
        default:
            guard let (red, blue) = lumaWeights(primaries: primaries) else { return nil }
            let luma = Vector3(red, 1 - red - blue, blue)
            return Matrix3(
                luma, (Vector3(0, 0, 1) - luma) * (0.5 / (1 - blue)), (Vector3(1, 0, 0) - luma) * (0.5 / (1 - red)))
        }
    }

    /// Y′, C′B, C′R → R′, G′, B′: the inverse of `rgbToYCbCr(primaries:)`.
    package func yCbCrToRGB(primaries: ColorPrimaries) -> Matrix3? { rgbToYCbCr(primaries: primaries)?.inverse }
}
