package import Domain
package import Primitives
import Synchronization

/// Gives each webhook its turns: as many requests in a second as its rate limit, evenly spaced after a burst of that size.
///
/// The generic cell rate algorithm: one time is kept for each webhook, up to which its turns are given away.
package final class RateGate: Sendable {
    private let turns = Mutex<[ID<Webhook>: ContinuousClock.Instant]>([:])

    package init() {}

    /// How long the next request to the webhook has to wait for its turn, which is given to it. Nil where that is longer than it can
    /// wait: then it takes no turn, and those behind it are not held up by a request that is never made.
    ///
    /// - Parameters:
    ///   - ratePerSecond: at least 1.
    ///   - limit: the longest it can wait.
    package func turn(
        for webhook: ID<Webhook>, ratePerSecond: Int, within limit: Duration, now: ContinuousClock.Instant
    ) -> Duration? {
        let spacing = Duration.seconds(1) / max(1, ratePerSecond)
        return turns.withLock { turns in
            let givenAway = max(turns[webhook] ?? now, now)
            // A burst of one second's worth needs no waiting.
            let burst = spacing * (max(1, ratePerSecond) - 1)
            let wait = max(.zero, now.duration(to: givenAway) - burst)
            guard wait <= limit else { return nil }
            turns[webhook] = givenAway + spacing
            if turns.count > 4096 { turns = turns.filter { $0.value > now } }
            return wait
        }
    }
}
