import ColorScience

/// Moves colors away from (or towards) the gray of their luminance, hue kept.
///
/// Below 1 every color moves by the factor. Above, colors move the less the more saturated they already are, those of skin
/// least, and none crosses the edge of BT.709: a boost makes pale colors livelier, and never makes one that no BT.709
/// display could show. Gray stays gray.
struct SaturationBoost: Hashable, Sendable {
    /// Place of skin between red (0) and yellow (1), in linear light.
    private static let skinTurn = 0.3
    /// How far from it colors count as skin.
    private static let skinReach = 0.35
    /// Share of a boost that skin is spared.
    private static let skinShare = 0.6

    /// Beyond this every color lies at the edge of the gamut, and larger ones only leave the range of numbers.
    private static let largest = 100.0

    let factor: Double

    init(_ factor: Double) { self.factor = min(factor, Self.largest) }

    /// - Parameter light: linear BT.709 light, none negative.
    func apply(_ light: Vector3) -> Vector3 {
        let luminance = 0.2126 * light.x + 0.7152 * light.y + 0.0722 * light.z
        let scale = factor > 1 ? moderated(light, luminance) : factor
        return light.map { luminance + scale * ($0 - luminance) }
    }

    private func moderated(_ light: Vector3, _ luminance: Double) -> Double {
        let (largest, smallest) = (light.maximum, min(light.x, light.y, light.z))
        let span = largest - smallest
        guard span > 0 else { return 1 }
        var skin = 0.0
        if light.x >= largest {
            let distance = ((light.y - light.z) / span - Self.skinTurn) / Self.skinReach
            let near = max(0, 1 - distance * distance)
            skin = near * near
        }
        let saturation = span / largest
        let wanted = 1 + (factor - 1) * (1 - saturation * saturation) * (1 - Self.skinShare * skin)
        return min(wanted, luminance / max(luminance - smallest, .leastNormalMagnitude))
    }
}
