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

    /// Maps that the network takes, the first of a survey: logarithm of the light of R, G and B, and how far each is clipped.
    static let mapCount = 6
    /// Multiply-adds of the network for each square that it sees.
    static let macPerSquare = 7_500.0
    /// Maps that it gives: gains of R, G and B.
    static let gainCount = 3

    init(identity: ModelIdentity, strength: Double, size: PictureSize) {
        self.identity = identity
        self.strength = strength
        self.size = size
        block = SurveyGrid.block(for: size)
    }

    /// What the network sees.
    package var survey: SurveyGrid { SurveyGrid(size: size, block: block) }
    /// Squares across and down.
    package var grid: PictureSize { survey.grid }
    /// Pixels a side of the square that one gain stands for.
    package var gainBlock: Int { 2 * block }
    /// Gains of a component across and down.
    package var gainGrid: PictureSize { grid.blocks(of: 2) }
}
