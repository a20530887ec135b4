package import FoundationEssentials

/// A time in which a receiver answered nothing of what this process sent it. Only attempts make it longer: while nothing is sent,
/// nothing is known.
package struct Silence: Hashable, Sendable {
    /// When the first attempt without an answer ended, by the host's clock.
    package let since: Date
    /// When the last one did.
    package let latest: Date

    package init(since: Date, latest: Date) {
        self.since = since
        self.latest = latest
    }

    /// From the first attempt to the last, in seconds, at least 0.
    package var length: TimeInterval { latest.timeIntervalSince(since) }

    /// With one more attempt that was not answered. It begins anew where nothing was tried for longer than `gap`, or where the clock
    /// was set back by more than that. Attempts under way together may be told of in another order than they ended.
    package func continued(at instant: Date, gap: Duration) -> Silence {
        guard abs(instant.timeIntervalSince(latest)) <= gap.inSeconds else { return Silence(since: instant, latest: instant) }
        return Silence(since: since, latest: max(latest, instant))
    }
}
