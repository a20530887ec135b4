package import Primitives

/// Places at which an even stream lacks pictures: a recording lost them, or a damaged file cannot give them.
package struct PictureGaps: Codable, Hashable, Sendable {
    /// How many there are.
    package let count: Int
    /// Pictures that are missing at all of them.
    package let missing: Int
    /// Number of the last frame before the longest one, and the pictures that are missing there.
    package let longestAfter: Int
    package let longest: Int
}

extension FrameIndex {
    /// Share of a stream's steps that are alike where the others are gaps, and not the way that the stream was timed.
    private static var evenShare: Double { 0.95 }

    /// Gaps between the frames of `range`; nil where there are none, and where the stream is not even otherwise.
    package func gaps(in range: FrameRange) -> PictureGaps? {
        guard count >= 3, case .variable = frameRate else { return nil }
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }
        let typical = steps.sorted()[steps.count / 2]
        // As `frameRate` has it, for either end of a step.
        let tolerance = 2 * max(1.5, 0.001 / timebase.double)
        let even = steps.count { abs(Double($0 - typical)) <= tolerance }
        guard Double(even) >= Self.evenShare * Double(steps.count) else { return nil }
        var (count, missing, longestAfter, longest) = (0, 0, 0, 0)
        for frame in range.start..<max(range.end - 1, range.start) where Double(steps[frame] - typical) > tolerance {
            let lacking = Int((Double(steps[frame]) / Double(typical)).rounded()) - 1
            guard lacking > 0 else { continue }
            count += 1
            missing += lacking
            if lacking > longest { (longestAfter, longest) = (frame, lacking) }
        }
        return count > 0 ? PictureGaps(count: count, missing: missing, longestAfter: longestAfter, longest: longest) : nil
    }
}
