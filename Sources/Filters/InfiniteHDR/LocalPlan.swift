package import Picture

/// How a program modulates light from place to place: a network sees the picture in squares of pixels and gives, for every
/// sixteen of them, gains in stops at a few brightnesses; the color stage interpolates between places and brightnesses.
package struct LocalPlan: Hashable, Sendable, Codable {
    package let identity: ModelIdentity
    /// Above 0, up to 1: how much of the network's gain is applied.
    package let strength: Double
    /// Size of the picture.
    package let size: PictureSize
    /// Pixels a side of the squares whose means the network sees.
    package let block: Int

    /// Maps that the network gives: the gain at each of `LocalLift.nodes` but the first, where it is 0.
    static let gainCount = LocalLift.nodes.count - 1
    /// Multiply-adds of the network for each square that it sees.
    static let macPerSquare = 3_000.0
    /// Squares along a side of the area that one gain stands for.
    static let squares = 4

    init(identity: ModelIdentity, strength: Double, size: PictureSize) {
        self.identity = identity
        self.strength = strength
        self.size = size
        block = SurveyGrid.block(for: size)
    }

    /// What the network sees.
    package var survey: SurveyGrid { SurveyGrid(size: size, block: block) }
    /// Pixels a side of the square that one gain stands for.
    package var gainBlock: Int { Self.squares * block }
    /// Gains at one brightness across and down.
    package var gainGrid: PictureSize { survey.grid.blocks(of: Self.squares) }
}
