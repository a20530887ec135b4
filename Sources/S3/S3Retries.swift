/// How often and after which pauses a request is sent again.
package struct S3Retries: Hashable, Sendable {
    /// Requests in all, at least 1.
    package var attempts: Int
    /// Longest pause before the second request; doubled for every further one.
    package var firstPause: Duration
    /// Longest pause of all.
    package var longestPause: Duration

    package init(attempts: Int = 5, firstPause: Duration = .milliseconds(200), longestPause: Duration = .seconds(10)) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// For questions that somebody waits for the answer of.
    package static let brief = S3Retries(attempts: 2)

    /// Exponential with jitter over its upper half, so that many connections do not come back at once.
    func pause(after attempt: Int) -> Duration {
        min(longestPause, firstPause * (1 << min(attempt - 1, 16))) * Double.random(in: 0.5...1)
    }
}
