package import Primitives

/// What the analysis of a job's range found: its shots, each with the condition of the learned mapping.
///
/// Stored with the plan and given to every segment, so that a frame's colors never depend on where segments are cut.
package struct ShotConditions: Hashable, Sendable, Codable {
    /// One shot.
    package struct Shot: Hashable, Sendable, Codable {
        /// Absolute frame indices.
        package let frames: FrameRange
        /// Mean of the condition vectors of its frames.
        package let condition: [Float]

        package init(frames: FrameRange, condition: [Float]) {
            self.frames = frames
            self.condition = condition
        }
    }

    /// In order, without gaps.
    package let shots: [Shot]

    package init(shots: [Shot]) { self.shots = shots }

    /// The condition of a frame; of the nearest shot when the frame is outside all of them, empty when there is none.
    package func condition(at frame: Int) -> [Float] {
        var (low, high) = (0, shots.count)
        while low < high {
            let middle = (low + high) / 2
            if shots[middle].frames.end <= frame { low = middle + 1 } else { high = middle }
        }
        guard let last = shots.last else { return [] }
        return low < shots.count ? shots[low].condition : last.condition
    }
}
