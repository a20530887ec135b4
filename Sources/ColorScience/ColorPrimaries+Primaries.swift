extension ColorPrimaries {
    /// Chromaticities of H.273 Table 2; nil when nothing is known.
    package var primaries: Primaries? {
        switch self {
        case .unspecified: nil
        case .bt709: Primaries(red: .init(0.640, 0.330), green: .init(0.300, 0.600), blue: .init(0.150, 0.060), white: .d65)
        case .bt470M: Primaries(red: .init(0.67, 0.33), green: .init(0.21, 0.71), blue: .init(0.14, 0.08), white: Self.illuminantC)
        case .bt470BG: Primaries(red: .init(0.64, 0.33), green: .init(0.29, 0.60), blue: .init(0.15, 0.06), white: .d65)
        case .smpte170M, .smpte240M:
            Primaries(red: .init(0.630, 0.340), green: .init(0.310, 0.595), blue: .init(0.155, 0.070), white: .d65)
        case .film:
            // Wratten 25, 58 and 47 filters on illuminant C.
            Primaries(red: .init(0.681, 0.319), green: .init(0.243, 0.692), blue: .init(0.145, 0.049), white: Self.illuminantC)
        case .bt2020: Primaries(red: .init(0.708, 0.292), green: .init(0.170, 0.797), blue: .init(0.131, 0.046), white: .d65)
        case .smpte428:
            // The X, Y and Z axes themselves with equal-energy white; y = 0 at X and Z is taken in the limit below.
            Primaries(
                red: .init(1 - Self.axis, Self.axis), green: .init(0, 1), blue: .init(0, Self.axis), white: .init(1.0 / 3, 1.0 / 3))
        case .smpte431:
            Primaries(red: .init(0.680, 0.320), green: .init(0.265, 0.690), blue: .init(0.150, 0.060), white: .init(0.314, 0.351))
        case .smpte432: Primaries(red: .init(0.680, 0.320), green: .init(0.265, 0.690), blue: .init(0.150, 0.060), white: .d65)
        case .ebu3213: Primaries(red: .init(0.630, 0.340), green: .init(0.295, 0.605), blue: .init(0.155, 0.077), white: .d65)
        }
    }

    /// Linear R, G, B of these primaries → linear R, G, B of `target`; nil when either is unknown.
    package func matrix(to target: ColorPrimaries) -> Matrix3? {
        guard let source = primaries, let destination = target.primaries else { return nil }
        return source.matrix(to: destination)
    }

    private static let illuminantC = Chromaticity(0.310, 0.316)
    /// Stands for y = 0, where a tristimulus value with Y = 1 would be infinite.
    private static let axis = 1e-12
}
