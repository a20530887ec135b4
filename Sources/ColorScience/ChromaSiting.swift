/// Where the chroma samples of a subsampled picture lie (H.273 `Chroma420SampleLocType` 0…5).
package enum ChromaSiting: Int, Sendable, Codable, CaseIterable {
    case left = 0
    case center = 1
    case topLeft = 2
    case top = 3
    case bottomLeft = 4
    case bottom = 5
    /// Nothing is known.
    case unspecified = -1
}
