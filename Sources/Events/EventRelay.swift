import Domain
package import FoundationEssentials
package import HTTP
import Logging
package import Postgres
import Primitives
package import Store
package import Telemetry

/// Takes due events from the outbox and delivers them to their webhooks: signed, at the webhook's own rate, again after
/// failures, and with every attempt written down. Several relays may work on one database.
package final class EventRelay: Sendable {
    /// What an operator can set.
    package struct Settings: Sendable {
        /// Deliveries under way at once.
        package var concurrency = 32
        /// How often the outbox is looked at without being told.
        package var pollInterval: Duration = .seconds(2)
        /// A delivery within this much of its webhook's next turn waits for it; others are put back.
        package var patience: Duration = .seconds(5)
        package var retries = RetrySchedule()
        /// How long decided events are kept.
        package var retention: Duration = .seconds(90 * 86_400)
        /// How often keys and old events are looked after.
        package var upkeepInterval: Duration = .seconds(600)

        package init() {}
    }

    /// A sender that died gives its events back after this: twice what an attempt can take.
    private static let leaseDuration: Duration = .seconds(30)

    private let outbox: EventOutbox
    private let keys: SigningKeys
    private let sender: WebhookSender
    private let listener: NotificationListener?
    private let settings: Settings
    private let observer: Observer
    private let clock: @Sendable () -> Date
    private let chance: @Sendable () -> Double
    private let gate = RateGate()

    /// - Parameters:
    ///   - listener: on `Channel.events`; without one the outbox is only polled.
    ///   - chance: random numbers in [0, 1), for jitter.
    package init(
        outbox: EventOutbox, keys: SigningKeys, client: HTTPClient, policy: OutgoingURLPolicy, listener: NotificationListener? = nil,
        settings: Settings = Settings(), observer: Observer, clock: @escaping @Sendable () -> Date = { Date() },
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.outbox = outbox
        self.keys = keys
        sender = WebhookSender(client: client, policy: policy, clock: clock)
        self.listener = listener
        self.settings = settings
        self.observer = observer
        self.clock = clock
        self.chance = chance
    }

    /// Delivers until it is cancelled; deliveries under way then end as failed attempts of theirs would.
    package func run() async throws {
        // A bell that was rung while nobody listened is heard once.
        let (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ringOnNotification(ringer) }
            group.addTask { await self.every(self.settings.pollInterval) { ringer.yield() } }
            group.addTask { await self.every(self.settings.upkeepInterval) { await self.lookAfter() } }
            await dispatch(bell)
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Delivers everything that is due now, and returns when nothing is.
    package func deliverDue() async throws {
        while true {
            let due = try await outbox.lease(limit: settings.concurrency, duration: Self.leaseDuration)
            if due.isEmpty { return }
            await withDiscardingTaskGroup { group in
                for delivery in due { group.addTask { await self.deliver(delivery) } }
            }
        }
    }

    private func dispatch(_ bell: AsyncStream<Void>) async {
        // One token for each delivery that may be under way.
        let (tokens, giver) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<settings.concurrency { giver.yield() }
        await withDiscardingTaskGroup { group in
            var tokens = tokens.makeAsyncIterator()
            var bell = bell.makeAsyncIterator()
            while await tokens.next() != nil, !Task.isCancelled {
                if let delivery = await leaseOne() {
                    group.addTask {
                        await self.deliver(delivery)
                        giver.yield()
                    }
                } else {
                    giver.yield()
                    guard await bell.next() != nil else { break }
                }
            }
        }
    }

    private func leaseOne() async -> DeliveryRecord? {
        do {
            return try await outbox.lease(limit: 1, duration: Self.leaseDuration).first
        } catch {
            // The database is away; the next tick asks again.
            observer.logger.warning("webhook events cannot be leased", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func ringOnNotification(_ ringer: AsyncStream<Void>.Continuation) async {
        guard let listener else { return }
        for await _ in listener.notifications() { ringer.yield() }
    }

    private func every(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            await body()
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    private func lookAfter() async {
        do {
            try await keys.rotateIfDue()
            _ = try await outbox.prune(decidedBefore: settings.retention)
        } catch {
            observer.logger.warning("webhook upkeep failed", metadata: ["error": "\(error)"])
        }
    }

    // MARK: One delivery

    private func deliver(_ delivery: DeliveryRecord) async {
        do {
            guard let attempt = try await attempt(delivery) else { return }
            try await outbox.record(attempt, for: delivery)
        } catch {
            // Nothing was recorded: the lease runs out and the event is delivered again.
            observer.logger.warning(
                "webhook delivery was not recorded", metadata: ["event": "\(delivery.event.id)", "error": "\(error)"])
        }
    }

    /// Nil when the relay was cancelled before anything was sent.
    private func attempt(_ delivery: DeliveryRecord) async throws -> DeliveryAttempt? {
        guard delivery.isWebhookActive else {
            let outcome = sender.notSent(code: "WEBHOOK_NOT_ACTIVE", "The webhook was deactivated before the delivery.", statusCode: 0)
            return DeliveryAttempt(response: JSONDocument(outcome.entry.description), outcome: .failed, countsAsAttempt: false)
        }
        let turn = gate.turn(
            for: delivery.event.webhook, ratePerSecond: delivery.rateLimitPerSecond, now: .now, patience: settings.patience)
        guard turn.isTaken else { return heldBack(delivery, for: turn.wait) }
        if turn.wait > .zero {
            do { try await Task.sleep(for: turn.wait) } catch { return nil }
        }
        let attempts = delivery.event.attemptCount + 1
        let outcome = await sender.send(
            delivery.event.payload(attempts: attempts).utf8, to: delivery.url, signedWith: try await keys.current())
        if Task.isCancelled, !outcome.isDelivered { return nil }
        return DeliveryAttempt(
            response: JSONDocument(outcome.entry.description),
            outcome: outcome.isDelivered ? .delivered : decision(delivery, attempts: attempts, earliest: outcome.retryAt))
    }

    /// The webhook's own rate limit leaves no turn soon: an attempt that was not sent.
    private func heldBack(_ delivery: DeliveryRecord, for wait: Duration) -> DeliveryAttempt {
        let outcome = sender.notSent(
            code: "WEBHOOK_RATE_LIMIT_EXCEEDED", "The webhook's limit of \(delivery.rateLimitPerSecond) requests a second is used up.",
            statusCode: 429)
        let earliest = clock().addingTimeInterval(wait.inSeconds)
        return DeliveryAttempt(
            response: JSONDocument(outcome.entry.description),
            outcome: decision(delivery, attempts: max(1, delivery.event.attemptCount), earliest: earliest), countsAsAttempt: false)
    }

    private func decision(_ delivery: DeliveryRecord, attempts: Int, earliest: Date?) -> DeliveryAttempt.Outcome {
        let now = clock()
        let next = settings.retries.nextAttempt(
            after: max(1, attempts - delivery.event.attemptsBeforeReplay), firstAttempt: delivery.event.firstAttempt ?? now, now: now,
            totalMinutes: delivery.maximumRetryDelayMinutes,
            earliest: earliest, chance: chance())
        return next.map { .retry(at: $0) } ?? .failed
    }
}

extension WebhookEventRecord {
    /// When the first attempt began, since the event was last replayed; nil before there was one.
    fileprivate var firstAttempt: Date? {
        let entries: JSON
        do { entries = try JSON(parsing: responses.text) } catch { return nil }
        guard case .array(let list) = entries else { return nil }
        let attempts = list.compactMap { $0["requestedAt"]?.text.flatMap { Timestamp.date($0) } }
        guard let replayedAt else { return attempts.first }
        return attempts.first { $0 >= replayedAt }
    }
}
