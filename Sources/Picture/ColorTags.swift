package import ColorScience

/// How code values mean color, as a file says it: the H.273 code points, each of which may be unspecified.
package struct ColorTags: Hashable, Sendable, Codable {
    package var primaries: ColorPrimaries
    package var transfer: TransferFunction
    package var matrix: MatrixCoefficients
    package var range: ColorRange
    package var siting: ChromaSiting

    package init(
        primaries: ColorPrimaries = .unspecified, transfer: TransferFunction = .unspecified, matrix: MatrixCoefficients = .unspecified,
        range: ColorRange = .unspecified, siting: ChromaSiting = .unspecified
    ) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.range = range
        self.siting = siting
    }

    package static let unspecified = ColorTags()

    /// Whether every tag says something.
    package var isComplete: Bool {
        primaries != .unspecified && transfer != .unspecified && matrix != .unspecified && range != .unspecified && siting != .unspecified
    }
}
