import ColorScience
package import Picture

/// How a program reconstructs clipped highlights: a network sees the picture in squares of pixels, as its light under the
/// shot's mapping and as masks of what is clipped, and gives gains in stops for every four of them; the color stage
/// applies it where a pixel is clipped.
package struct HighlightPlan: Hashable, Sendable, Codable {
    package let identity: ModelIdentity
    /// Above 0, up to 1: how much of the network's gain is applied.
    package let strength: Double
    /// Size of the picture.
    package let size: PictureSize
    /// Pixels a side of the squares whose means the network sees.
    package let block: Int

    /// Largest number of squares along a side of the picture: the network sees as much of a scene at any resolution.
    static let longestSide = 160
    /// Maps that the network takes: logarithm of the light of R, G and B, and how far each is clipped.
    static let mapCount = 6
    /// Maps that it gives: gains of R, G and B.
    static let gainCount = 3

    init(identity: ModelIdentity, strength: Double, size: PictureSize) {
        self.identity = identity
        self.strength = strength
        self.size = size
        block = max(1, (max(size.width, size.height) + Self.longestSide - 1) / Self.longestSide)
    }

    /// Squares across and down.
    package var grid: PictureSize { size.blocks(of: block) }
    /// Pixels a side of the square that one gain stands for.
    package var gainBlock: Int { 2 * block }
    /// Gains of a component across and down.
    package var gainGrid: PictureSize { grid.blocks(of: 2) }
}
