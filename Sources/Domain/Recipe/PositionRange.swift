/// The part of a source that is processed, in milliseconds from its first frame: `start` inclusive, `end` exclusive.
package struct PositionRange: Hashable, Sendable, Codable {
    package let startMilliseconds: Int
    package let endMilliseconds: Int

    package init(startMilliseconds: Int, endMilliseconds: Int) {
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
    }

    package var durationMilliseconds: Int { endMilliseconds - startMilliseconds }

    /// The shortest part that can be asked for.
    package static let minimumMilliseconds = 1000

    /// Settles what was asked for against the length of the source: an absent start is 0, an absent end or one beyond
    /// the source is its end, and what is left must last a second. A whole source may be shorter.
    package static func resolve(start: Int?, end: Int?, duration: Int, problems: ProblemCollector) -> PositionRange {
        let shortest = minimumMilliseconds
        let whole = PositionRange(startMilliseconds: 0, endMilliseconds: duration)
        if let start, start < 0 {
            problems.add(Problem(.startPosition, field: "startPosMs", actual: "\(start)", "must be at least 0"))
            return whole
        }
        // What no sum overflows from; it is beyond every source.
        let first = min(start ?? 0, .max - shortest)
        if let end, end < first + shortest {
            problems.add(
                Problem(
                    .endPosition, field: "endPosMs", actual: "\(end)",
                    "must be at least \(shortest) ms after the start, so \(first + shortest) or more"))
            return whole
        }
        let last = min(end ?? duration, duration)
        if first > 0 || end != nil, first > last - shortest {
            let allowed = last >= shortest ? "allowed are 0 to \(last - shortest)" : "the source lasts \(duration) ms, so only all of it"
            problems.add(
                Problem(
                    .startPosition, field: "startPosMs", actual: "\(start ?? 0)",
                    "must leave \(shortest) ms before the end of the part or of the source (\(duration) ms); \(allowed)"))
            return whole
        }
        return PositionRange(startMilliseconds: first, endMilliseconds: last)
    }
}
