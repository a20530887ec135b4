/// How far a run is and how long it will still take, from frames that are really done.
package struct ProgressEstimate: Sendable {
    /// Frames of the whole run.
    package let total: Int
    /// Frames done before this run started (a resumed job): they count as progress, not as speed.
    package let doneBefore: Int
    package private(set) var done: Int

    package init(total: Int, doneBefore: Int = 0) {
        self.total = total
        self.doneBefore = doneBefore
        done = doneBefore
    }

    package mutating func add(frames: Int) { done = min(total, done + frames) }

    /// Share of the frames done, in [0, 1].
    package var fraction: Double { total == 0 ? 1 : Double(done) / Double(total) }

    /// Time left at the mean speed so far; nil until a frame is done.
    ///
    /// - Parameter elapsed: time since this run started.
    package func remaining(after elapsed: Duration) -> Duration? {
        let fresh = done - doneBefore
        guard fresh > 0 else { return nil }
        return elapsed / fresh * (total - done)
    }
}
