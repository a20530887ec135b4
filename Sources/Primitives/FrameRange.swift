/// Half-open range of frames, counted in presentation order from 0.
package struct FrameRange: Hashable, Sendable, Codable, CustomStringConvertible {
    package let start: Int
    package let end: Int

    /// - Precondition: `0 ≤ start ≤ end`.
    package init(_ start: Int, _ end: Int) {
        precondition(0 <= start && start <= end, "frame range \(start)..<\(end)")
        self.start = start
        self.end = end
    }

    package var count: Int { end - start }
    package var isEmpty: Bool { start == end }
    package func contains(_ frame: Int) -> Bool { frame >= start && frame < end }
    package var description: String { "\(start)..<\(end)" }
}
