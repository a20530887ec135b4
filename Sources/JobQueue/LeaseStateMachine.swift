package import Store

/// What a worker believes about its lease, and what to do about it. It neither waits nor speaks to anyone.
///
/// ```
/// held ──renewed──▶ held        held ──deadline passes──▶ over(.lost)
/// held ──answer .lost / .cancelled──▶ over(.lost / .cancelled)
/// ```
package struct LeaseStateMachine<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// Why a lease is over.
    package enum Ending: Equatable, Sendable {
        /// Somebody else may have the unit by now.
        case lost
        /// The job was cancelled, or its video deleted.
        case cancelled
    }

    /// Where the lease stands.
    package enum State: Equatable, Sendable {
        /// Surely ours until this instant, by our own clock.
        case held(until: Instant)
        case over(Ending)
    }

    /// What to do now.
    package enum Action: Equatable, Sendable {
        case rest(until: Instant)
        case renew
        case abandon(Ending)
    }

    package private(set) var state: State
    private let duration: Duration
    private let interval: Duration
    private let progressInterval: Duration
    private var lastSent: Instant

    /// - Parameters:
    ///   - takenAt: when the lease was asked for: earlier than the server's clock began to count, so never too late.
    ///   - duration: how long it holds.
    ///   - interval: time between renewals.
    ///   - progressInterval: shortest time between renewals that carry news.
    package init(takenAt: Instant, duration: Duration, interval: Duration, progressInterval: Duration) {
        state = .held(until: takenAt.advanced(by: duration))
        self.duration = duration
        self.interval = interval
        self.progressInterval = progressInterval
        lastSent = takenAt
    }

    /// - Parameter hasNews: whether there is progress the server does not know of.
    package func tick(now: Instant, hasNews: Bool) -> Action {
        switch state {
        case .over(let ending): return .abandon(ending)
        case .held(let deadline):
            if now >= deadline { return .abandon(.lost) }
            let due = lastSent.advanced(by: hasNews ? progressInterval : interval)
            if now >= due { return .renew }
            // News may come while it rests: look again after the shorter interval.
            return .rest(until: min(due, now.advanced(by: progressInterval), deadline))
        }
    }

    /// A renewal was sent at `instant`, and answered.
    package mutating func answered(_ answer: HeartbeatAnswer, sentAt instant: Instant) {
        lastSent = instant
        guard case .held = state else { return }
        state =
            switch answer {
            case .held: .held(until: instant.advanced(by: duration))
            case .lost: .over(.lost)
            case .cancelled: .over(.cancelled)
            }
    }

    /// A renewal was sent at `instant` and not answered: the next one follows after the shorter interval.
    package mutating func unanswered(sentAt instant: Instant) {
        lastSent = instant.advanced(by: progressInterval - interval)
    }

    /// Word came from elsewhere that the job is cancelled.
    package mutating func cancelled() {
        if case .held = state { state = .over(.cancelled) }
    }
}
