/// A frame reduced to 64 × 36: what the shot detector and the condition network see.
package struct Thumbnail: Hashable, Sendable {
    package static let width = 64
    package static let height = 36

    /// R′, G′, B′ planes of 64 × 36 samples each, BT.709 signal in [0, 1].
    package let samples: [Float]

    /// - Precondition: 3 × 64 × 36 samples.
    package init(samples: [Float]) {
        precondition(samples.count == 3 * Self.width * Self.height, "a thumbnail has 3 × 64 × 36 samples")
        self.samples = samples
    }
}
