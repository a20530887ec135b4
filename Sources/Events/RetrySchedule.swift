package import FoundationEssentials

/// When a failed delivery is tried again: exponential backoff with jitter until the webhook's total delay has gone by.
package struct RetrySchedule: Hashable, Sendable {
    /// Before the second attempt.
    package var firstDelay: Duration = .seconds(10)
    /// By which each delay is longer than the one before.
    package var factor = 2.0
    /// No delay is longer, before jitter.
    package var longestDelay: Duration = .seconds(30 * 60)
    /// Each delay is multiplied by a random number in 1 ± this, so that receivers that failed together are not met together.
    package var jitter = 0.2

    package init() {}

    /// The time of the next attempt; nil when there is none.
    ///
    /// - Parameters:
    ///   - attempt: attempts made, at least 1.
    ///   - firstAttempt: when the first of them began; the total delay counts from here.
    ///   - totalMinutes: the webhook's `maxTotalRetryDelayMinutes`; 0 means no retries.
    ///   - earliest: what the receiver asked for (`Retry-After`); never earlier than that.
    ///   - chance: uniformly random in [0, 1).
    package func nextAttempt(
        after attempt: Int, firstAttempt: Date, now: Date, totalMinutes: Int, earliest: Date? = nil, chance: Double
    ) -> Date? {
        guard totalMinutes > 0 else { return nil }
        let deadline = firstAttempt.addingTimeInterval(Double(totalMinutes) * 60)
        var delay = firstDelay.inSeconds
        // A loop instead of a power: it ends at the longest delay, so that no exponent overflows.
        var doublings = attempt - 1
        while doublings > 0, delay > 0, delay < longestDelay.inSeconds {
            delay *= factor
            doublings -= 1
        }
        delay = min(delay, longestDelay.inSeconds) * (1 + jitter * (2 * chance - 1))
        let next = max(now.addingTimeInterval(delay), earliest ?? now)
        return next <= deadline ? next : nil
    }

    /// How long a delivery can be put back, until its turn at the webhook's own rate; 0 or less for not at all.
    ///
    /// - Parameters:
    ///   - firstAttempt: when the first attempt began or was put back; the total delay counts from here.
    ///   - totalMinutes: the webhook's `maxTotalRetryDelayMinutes`; 0 means no retries.
    package func timeLeft(firstAttempt: Date, now: Date, totalMinutes: Int) -> Duration {
        guard totalMinutes > 0 else { return .zero }
        return .seconds(firstAttempt.addingTimeInterval(Double(totalMinutes) * 60).timeIntervalSince(now))
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
