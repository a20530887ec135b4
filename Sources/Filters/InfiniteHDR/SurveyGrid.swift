package import Picture

/// How a picture is reduced for the networks that see it whole: means over squares of pixels.
package struct SurveyGrid: Hashable, Sendable {
    /// Size of the picture.
    package let size: PictureSize
    /// Pixels a side of a square.
    package let block: Int

    /// Largest number of squares along a side of the picture: networks see as much of a scene at any resolution.
    static let longestSide = 160
    /// Maps of a survey: logarithm of the light of R, G and B, how far each is clipped, and the largest component of a square's mean.
    static let mapCount = 7

    init(size: PictureSize, block: Int) {
        self.size = size
        self.block = block
    }

    /// Pixels a side of the squares of a picture, so that none of its sides has more than `longestSide`.
    static func block(for size: PictureSize) -> Int {
        max(1, (max(size.width, size.height) + longestSide - 1) / longestSide)
    }

    /// Squares across and down.
    package var grid: PictureSize { size.blocks(of: block) }
}
