import ColorScience

/// A frame reduced to 64 × 36, which the shot detector sees, and its statistics, which the condition network sees beside it.
package struct Thumbnail: Hashable, Sendable {
    package static let width = 64
    package static let height = 36

    /// R′, G′, B′ planes of 64 × 36 samples each, BT.709 signal in [0, 1].
    package let samples: [Float]

    /// Shares of the frame's pixels above certain signals (`SignalStatistics`).
    package let statistics: [Float]

    /// A thumbnail whose own pixels stand for the frame's.
    ///
    /// - Precondition: 3 × 64 × 36 samples.
    package init(samples: [Float]) {
        var statistics = SignalStatistics()
        let count = samples.count / 3
        for place in 0..<count {
            statistics.add(Vector3(Double(samples[place]), Double(samples[count + place]), Double(samples[2 * count + place])))
        }
        self.init(samples: samples, statistics: statistics.values)
    }

    init(samples: [Float], statistics: [Float]) {
        precondition(samples.count == 3 * Self.width * Self.height, "a thumbnail has 3 × 64 × 36 samples")
        self.samples = samples
        self.statistics = statistics
    }
}
