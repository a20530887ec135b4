/// Color volume of the display that a picture was graded on (SMPTE ST 2086).
package struct MasteringDisplay: Hashable, Sendable, Codable {
    package let primaries: Primaries
    /// In cd/m².
    package let minimumLuminance: Double
    /// In cd/m².
    package let maximumLuminance: Double

    package init(primaries: Primaries, minimumLuminance: Double, maximumLuminance: Double) {
        self.primaries = primaries
        self.minimumLuminance = minimumLuminance
        self.maximumLuminance = maximumLuminance
    }

    /// DCI P3 primaries with D65 white.
    package static func p3D65(minimumLuminance: Double, maximumLuminance: Double) -> MasteringDisplay {
        MasteringDisplay(
            primaries: Primaries(red: .init(0.680, 0.320), green: .init(0.265, 0.690), blue: .init(0.150, 0.060), white: .d65),
            minimumLuminance: minimumLuminance, maximumLuminance: maximumLuminance)
    }

    /// BT.2020 primaries and white.
    package static func bt2020(minimumLuminance: Double, maximumLuminance: Double) -> MasteringDisplay {
        MasteringDisplay(
            primaries: Primaries(red: .init(0.708, 0.292), green: .init(0.170, 0.797), blue: .init(0.131, 0.046), white: .d65),
            minimumLuminance: minimumLuminance, maximumLuminance: maximumLuminance)
    }
}
