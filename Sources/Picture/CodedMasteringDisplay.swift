/// A CIE 1931 xy pair as SMPTE ST 2086 metadata codes it: 50 000 steps of 0.00002 each.
package struct CodedChromaticity: Hashable, Sendable, Codable {
    package let x: UInt16
    package let y: UInt16

    package init(x: UInt16, y: UInt16) {
        self.x = x
        self.y = y
    }

    /// Rounds to nearest; values outside 0…1 are clamped.
    package init(_ point: (x: Double, y: Double)) {
        x = UInt16((min(max(point.x, 0), 1) * 50_000).rounded())
        y = UInt16((min(max(point.y, 0), 1) * 50_000).rounded())
    }
}

/// The mastering display color volume (SMPTE ST 2086) in the integers that SEI messages and `mdcv` boxes hold.
package struct CodedMasteringDisplay: Hashable, Sendable, Codable {
    package let red: CodedChromaticity
    package let green: CodedChromaticity
    package let blue: CodedChromaticity
    package let white: CodedChromaticity
    /// In 0.0001 cd/m².
    package let maxLuminance: UInt32
    /// In 0.0001 cd/m².
    package let minLuminance: UInt32

    package init(
        red: CodedChromaticity, green: CodedChromaticity, blue: CodedChromaticity, white: CodedChromaticity, maxLuminance: UInt32,
        minLuminance: UInt32
    ) {
        self.red = red
        self.green = green
        self.blue = blue
        self.white = white
        self.maxLuminance = maxLuminance
        self.minLuminance = minLuminance
    }

    /// Chromaticities as CIE xy in 0…1, luminances in cd/m², 0…10 000; each rounded to the nearest code, clamped.
    package init(
        red: (x: Double, y: Double), green: (x: Double, y: Double), blue: (x: Double, y: Double), white: (x: Double, y: Double),
        maxLuminance: Double, minLuminance: Double
    ) {
        self.init(
            red: CodedChromaticity(red), green: CodedChromaticity(green), blue: CodedChromaticity(blue), white: CodedChromaticity(white),
            maxLuminance: Self.code(luminance: maxLuminance), minLuminance: Self.code(luminance: minLuminance))
    }

    /// P3 primaries with a D65 white point (SMPTE ST 2113); luminances in cd/m².
    package static func p3D65(maxLuminance: Double, minLuminance: Double) -> CodedMasteringDisplay {
        CodedMasteringDisplay(
            red: (0.68, 0.32), green: (0.265, 0.69), blue: (0.15, 0.06), white: (0.3127, 0.329), maxLuminance: maxLuminance,
            minLuminance: minLuminance)
    }

    /// BT.2020 primaries with a D65 white point; luminances in cd/m².
    package static func bt2020(maxLuminance: Double, minLuminance: Double) -> CodedMasteringDisplay {
        CodedMasteringDisplay(
            red: (0.708, 0.292), green: (0.17, 0.797), blue: (0.131, 0.046), white: (0.3127, 0.329), maxLuminance: maxLuminance,
            minLuminance: minLuminance)
    }

    private static func code(luminance: Double) -> UInt32 { UInt32((min(max(luminance, 0), 10_000) * 10_000).rounded()) }

    /// What makes the values useless to a display.
    package enum Problem: String, Sendable, Codable, CaseIterable {
        /// A chromaticity above 1.
        case chromaticityAboveOne
        /// The point called green is not the one with the largest y: the order was mixed up.
        case primariesSwapped
        /// The minimum is not below the maximum.
        case luminancesSwapped
        /// Nothing is said: all values are 0.
        case blank
    }

    /// Empty when the values can be true.
    package var problems: [Problem] {
        let points = [red, green, blue, white]
        if maxLuminance == 0, minLuminance == 0, points.allSatisfy({ $0.x == 0 && $0.y == 0 }) { return [.blank] }
        var problems: [Problem] = []
        if points.contains(where: { $0.x > 50_000 || $0.y > 50_000 }) { problems.append(.chromaticityAboveOne) }
        if green.y < red.y || green.y < blue.y || red.x < green.x || red.x < blue.x { problems.append(.primariesSwapped) }
        if minLuminance >= maxLuminance { problems.append(.luminancesSwapped) }
        return problems
    }
}
