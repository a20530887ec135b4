/// Finds the first frame of each shot, from thumbnails in frame order: pure, so that any machine finds the same.
///
/// A cut is a change that is large in itself and large against the changes of the frames before: a pan changes every
/// frame, a cut one. Two frames are compared by the mean difference of their pixels and by the distance of their
/// color histograms (4 × 4 × 4 bins), because motion moves pixels and keeps colors. A shot lasts at least six frames, so
/// that a photographer's flash does not make two.
package struct ShotDetector: Sendable {
    /// Least number of frames of a shot.
    package static let minimumLength = 6
    /// Mean difference of R′, G′, B′ from which a change can be a cut.
    private static let pixelThreshold = 0.06
    /// What makes a change a cut: a share of pixels that change their histogram bin, together with how many times larger
    /// it is than the recent changes. Scenes of like colors differ by less, but then against a still background of
    /// change; scenes in fast motion must differ by more.
    private static let evidence: [(share: Double, contrast: Double)] = [(0.12, 6), (0.25, 3), (0.35, 2)]
    /// Weight of the newest change in the recent ones.
    private static let memory = 0.25

    private var previous: (thumbnail: Thumbnail, histogram: [Int])?
    private var recentChange = 0.0
    private var length = 0

    package init() {}

    /// Looks at the next frame; true when it starts a shot. The first one always does.
    package mutating func feed(_ thumbnail: Thumbnail) -> Bool {
        let histogram = Self.histogram(thumbnail)
        defer { previous = (thumbnail, histogram) }
        guard let previous else {
            length = 1
            return true
        }
        let change = Self.difference(previous.thumbnail, thumbnail)
        let moved = zip(previous.histogram, histogram).reduce(0) { $0 + abs($1.0 - $1.1) }
        let share = Double(moved) / Double(2 * Thumbnail.width * Thumbnail.height)
        let isCut =
            length >= Self.minimumLength && change > Self.pixelThreshold
            && Self.evidence.contains { share > $0.share && change > $0.contrast * recentChange }
        if isCut {
            length = 1
            recentChange = 0
        } else {
            length += 1
            recentChange += Self.memory * (change - recentChange)
        }
        return isCut
    }

    private static func difference(_ a: Thumbnail, _ b: Thumbnail) -> Double {
        var sum = 0.0
        for (left, right) in zip(a.samples, b.samples) { sum += Double(abs(left - right)) }
        return sum / Double(a.samples.count)
    }

    private static func histogram(_ thumbnail: Thumbnail) -> [Int] {
        let count = Thumbnail.width * Thumbnail.height
        var bins = [Int](repeating: 0, count: 64)
        for place in 0..<count {
            var bin = 0
            for plane in 0..<3 { bin = bin * 4 + min(Int(thumbnail.samples[plane * count + place] * 4), 3) }
            bins[bin] += 1
        }
        return bins
    }
}
