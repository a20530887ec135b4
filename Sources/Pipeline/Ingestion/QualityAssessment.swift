/// A verdict on pictures without a reference: the contract's `VideoQualityAssessment`. Scores are 0 (worst) to 5.
package struct QualityAssessment: Codable, Hashable, Sendable {
    /// One figure with what it means to a viewer: the contract's `QualityMetric`.
    package struct Metric: Codable, Hashable, Sendable {
        package let name: String
        /// Mean over the frames looked at, three decimals.
        package let sampleMean: Double
        /// `bad`, `poor`, `fair`, `good` or `excellent`: the grade of ITU-R BT.500 nearest to the score.
        package let subjectiveLabel: String
        package let subjectiveScore: Double
    }

    package let metrics: [Metric]
    /// Mean of the scores, one decimal.
    package let overallSubjectiveScore: Double

    /// - Parameters:
    ///   - noise: standard deviation in codes of 8 bits.
    ///   - detail, contrast: 0…1.
    ///   - blockiness: 0 for none; 1 where steps at block edges are twice those elsewhere.
    package init(noise: Double, detail: Double, blockiness: Double, contrast: Double) {
        // Figures that count as 5, 4, 3, 2, 1 and 0: anchors chosen by hand, not fitted to the votes of viewers.
        metrics = [
            Self.metric("noise", noise, [0.8, 2, 4, 7, 12, 25]), Self.metric("details", detail, [0.72, 0.58, 0.45, 0.33, 0.22, 0.1]),
            Self.metric("blockiness", blockiness, [0.08, 0.2, 0.45, 0.9, 1.8, 4]),
            Self.metric("contrast", contrast, [0.8, 0.6, 0.42, 0.28, 0.15, 0.05]),
        ]
        let mean = metrics.reduce(0) { $0 + $1.subjectiveScore } / Double(metrics.count)
        overallSubjectiveScore = (mean * 10).rounded() / 10
    }

    /// - Parameter anchors: figures of the scores 5…0, ascending or descending; scores between are interpolated.
    private static func metric(_ name: String, _ value: Double, _ anchors: [Double]) -> Metric {
        let score = score(value, anchors)
        return Metric(
            name: name, sampleMean: (value * 1000).rounded() / 1000,
            subjectiveLabel: ["bad", "bad", "poor", "fair", "good", "excellent"][Int(score.rounded())],
            subjectiveScore: (score * 1000).rounded() / 1000)
    }

    private static func score(_ value: Double, _ anchors: [Double]) -> Double {
        let isAscending = anchors[0] < anchors[anchors.count - 1]
        for (place, pair) in zip(anchors, anchors.dropFirst()).enumerated() {
            let (better, worse) = pair
            let isBefore = isAscending ? value <= worse : value >= worse
            guard isBefore else { continue }
            let share = (value - better) / (worse - better)
            return 5 - Double(place) - min(max(share, 0), 1)
        }
        return 0
    }
}
