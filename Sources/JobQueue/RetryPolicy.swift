/// How long a unit rests between attempts: doubling from `base` up to `cap`, each time shortened at random by up to half, so
/// that units that failed together do not come back together.
package struct RetryPolicy: Hashable, Sendable {
    package var base: Duration
    package var cap: Duration

    /// - Parameters:
    ///   - base: longest rest after the first attempt.
    ///   - cap: longest rest of all.
    package init(base: Duration = .seconds(2), cap: Duration = .seconds(300)) {
        self.base = base
        self.cap = cap
    }

    /// Of copies over a network that have come far. The other end may be away for minutes, and hardly anything is lost by waiting for it: 20 s, doubling
    /// up to 5 minutes; the four rests between five attempts are 2.5 to 5 minutes together.
    package static let transfers = RetryPolicy(base: .seconds(20), cap: .seconds(300))

    /// The longest rest after this many attempts, from 1.
    package func longestDelay(afterAttempt attempt: Int) -> Duration {
        // Past 2^20 every base of a microsecond and more is beyond every sensible cap.
        min(cap, base * (1 << min(max(attempt - 1, 0), 20)))
    }

    /// The rest after this many attempts, from 1.
    package func delay(afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        longestDelay(afterAttempt: attempt) * Double.random(in: 0.5...1, using: &generator)
    }

    /// The rest after this many attempts, by the system's generator.
    package func delay(afterAttempt attempt: Int) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return delay(afterAttempt: attempt, using: &generator)
    }
}
