package import Primitives

/// Cuts a job's frames into segments from the plan alone, never from the number of workers or the device
/// (docs/decisions/0004).
package struct SegmentPlanner: Sendable {
    /// Output pixels that one segment may hold: the bound of what a crash costs.
    package static let pixelsPerSegment = 100_000_000

    /// Frames of one closed GOP: half a second, rounded to nearest, at least 1.
    package let keyframeInterval: Int
    /// Frames of one segment: whole GOPs.
    package let framesPerSegment: Int

    /// - Parameters:
    ///   - frameRate: mean rate of the output, frames a second.
    ///   - pixelsPerFrame: width × height of the output.
    ///   - longestGroup: frames of a group where the format fixes them, so that groups are alike across segments too.
    package init(frameRate: Double, pixelsPerFrame: Int, longestGroup: Int? = nil) {
        keyframeInterval = min(max(1, Int((frameRate / 2).rounded())), longestGroup ?? .max)
        let groups = Self.pixelsPerSegment / max(1, pixelsPerFrame) / keyframeInterval
        framesPerSegment = keyframeInterval * max(1, groups)
    }

    /// The segments of `frames`, in order; only the last may be shorter.
    ///
    /// - Parameter weaving: frames that become one; segments hold whole ones.
    package func segments(of frames: FrameRange, weaving: Int = 1) -> [FrameRange] {
        stride(from: frames.start, to: frames.end, by: framesPerSegment * weaving).map {
            FrameRange($0, min($0 + framesPerSegment * weaving, frames.end))
        }
    }
}
