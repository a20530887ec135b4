import Credentials
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
        /// Deliveries under way at once, and to one webhook.
        package var concurrency = 64
        package var concurrencyPerWebhook = 16
        /// To one webhook until it answers. Those that did not answer when they were last sent something have at most half of all
        /// places together.
        package var concurrencyUntilAnswer = 2
        /// For this long at least an event waits for a webhook that does not answer, however short its total delay is, and for this
        /// long at least the webhook has been silent before events are given up. A silence in which nothing was tried for longer begins
        /// anew.
        package var shortestWait: Duration = .seconds(3600)
        /// While events are given up, one is tried all the same when the last attempt at its webhook is this long ago.
        package var probeInterval: Duration = .seconds(60)
        /// How often the outbox is looked at without being told.
        package var pollInterval: Duration = .seconds(2)
        /// A delivery within this much of its turn at its webhook waits for it; others are put back until then.
        package var patience: Duration = .seconds(5)
        package var retries = RetrySchedule()
        /// How long decided events are kept.
        package var retention: Duration = .seconds(90 * 86_400)
        /// How often keys and old events are looked after.
        package var upkeepInterval: Duration = .seconds(600)

        package init() {}
    }

    /// A sender that died gives its events back after this: twice what waiting and an attempt can take.
    private static let leaseDuration: Duration = .seconds(30)
    /// A turn that was given to a delivery that was put back is good for this long after its time; later, after the relay was
    /// away, a new one is asked for, so that what has piled up does not go all at once.
    private static let turnTolerance: Duration = .seconds(10)

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
            await dispatch(bell, ringer)
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
                for delivery in due { group.addTask { _ = await self.deliver(delivery, silence: nil) } }
            }
        }
    }

    private func dispatch(_ bell: AsyncStream<Void>, _ ringer: AsyncStream<Void>.Continuation) async {
        let places = DeliveryPlaces(
            total: settings.concurrency, perWebhook: settings.concurrencyPerWebhook, untilAnswer: settings.concurrencyUntilAnswer,
            longestGap: settings.shortestWait)
        await withDiscardingTaskGroup { group in
            for await _ in bell {
                while !Task.isCancelled {
                    let room = places.room
                    guard room.total > 0 else { break }
                    let due = await lease(room)
                    if due.isEmpty { break }
                    for delivery in due {
                        let silence = places.take(delivery.event.webhook)
                        group.addTask {
                            let finding = await self.deliver(delivery, silence: silence)
                            places.giveBack(delivery.event.webhook, isAnswered: finding.isAnswered, at: finding.at)
                            // There is a place again, for this webhook or any.
                            ringer.yield()
                        }
                    }
                }
            }
        }
    }

    private func lease(_ room: DeliveryRoom) async -> [DeliveryRecord] {
        do {
            return try await outbox.lease(room, duration: Self.leaseDuration)
        } catch {
            // The database is away; the next tick asks again.
            observer.logger.warning("webhook events cannot be leased", metadata: ["error": "\(error)"])
            return []
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

    /// Whether the receiver answered, and until when that was waited for; `isAnswered` is nil when it was sent nothing.
    ///
    /// - Parameter silence: of the webhook, if it did not answer when it was last sent something.
    private func deliver(_ delivery: DeliveryRecord, silence: Silence?) async -> (isAnswered: Bool?, at: Date) {
        var finding: (isAnswered: Bool?, at: Date) = (nil, clock())
        do {
            guard let made = try await attempt(delivery, silence: silence) else { return finding }
            finding = (made.isAnswered, clock())
            try await outbox.record(made.attempt, for: delivery)
        } catch {
            // Nothing was recorded: the lease runs out and the event is delivered again.
            observer.logger.warning(
                "webhook delivery was not recorded", metadata: ["event": "\(delivery.event.id)", "error": "\(error)"])
        }
        return finding
    }

    /// An attempt, and whether the receiver answered it; nil when it was sent nothing.
    private typealias Made = (attempt: DeliveryAttempt, isAnswered: Bool?)

    /// Nil when the relay was cancelled before anything was sent.
    private func attempt(_ delivery: DeliveryRecord, silence: Silence?) async throws -> Made? {
        guard delivery.isWebhookActive else {
            let outcome = sender.notSent(code: "WEBHOOK_NOT_ACTIVE", "The webhook was deactivated before the delivery.", statusCode: 0)
            return (DeliveryAttempt(response: JSONDocument(outcome.entry.description), outcome: .failed, countsAsAttempt: false), nil)
        }
        if let silence, hasWaitedInVain(delivery, silence) {
            let outcome = sender.notSent(
                code: "WEBHOOK_NOT_ANSWERING", "The webhook does not answer, and the time for attempts is over.", statusCode: 0)
            return (DeliveryAttempt(response: JSONDocument(outcome.entry.description), outcome: .failed, countsAsAttempt: false), nil)
        }
        if !hasTurn(delivery) {
            let now = clock()
            let timeLeft = settings.retries.timeLeft(
                firstAttempt: delivery.event.firstAttempt ?? now, now: now, totalMinutes: delivery.maximumRetryDelayMinutes)
            let wait = gate.turn(
                for: delivery.event.webhook, ratePerSecond: delivery.rateLimitPerSecond, within: max(settings.patience, timeLeft),
                now: .now)
            guard let wait else { return (heldBack(delivery, for: nil), nil) }
            guard wait <= settings.patience else { return (heldBack(delivery, for: wait), nil) }
            if wait > .zero {
                do { try await Task.sleep(for: wait) } catch { return nil }
            }
        }
        let attempts = delivery.event.attemptCount + 1
        let outcome: WebhookSender.Outcome
        do {
            let key = try await keys.current()
            outcome = await sender.send(delivery.event.payload(attempts: attempts).utf8, to: delivery.url, signedWith: key)
        } catch let error as CredentialError {
            // Not the database's absence, which passes without a trace: this one is for an operator to mend.
            observer.logger.error(
                "the key that signs webhook deliveries cannot be opened", metadata: ["event": "\(delivery.event.id)", "error": "\(error)"])
            outcome = sender.notSent(code: "SIGNING_KEY_UNREADABLE", "The delivery could not be signed.", statusCode: 0)
        }
        if Task.isCancelled, !outcome.isDelivered { return nil }
        let attempt = DeliveryAttempt(
            response: JSONDocument(outcome.entry.description),
            outcome: outcome.isDelivered ? .delivered : decision(delivery, attempts: attempts, earliest: outcome.retryAt))
        return (attempt, outcome.isAnswered)
    }

    /// Whether the time for attempts went by while others to its webhook were waited for: for all of that time the webhook has answered
    /// none, and the last of them was made just now. An event that nothing was tried of yet waits from when it was written, or replayed;
    /// what piled up before the first attempt at its webhook, such as while this server was away, is tried like any other.
    private func hasWaitedInVain(_ delivery: DeliveryRecord, _ silence: Silence) -> Bool {
        let wait = max(Duration.seconds(60) * delivery.maximumRetryDelayMinutes, settings.shortestWait)
        guard silence.length > wait.inSeconds else { return false }
        // A clock that was set back must not put the next attempt off.
        guard abs(clock().timeIntervalSince(silence.latest)) < settings.probeInterval.inSeconds else { return false }
        guard let firstAttempt = delivery.event.firstAttempt else { return delivery.age > wait }
        return clock().timeIntervalSince(firstAttempt) > wait.inSeconds
    }

    /// Whether it was put back until its turn at its webhook, and the turn is now. Of an event that is to be delivered again only turns
    /// from then on count: its next attempt is due when that was asked for, which is no turn.
    private func hasTurn(_ delivery: DeliveryRecord) -> Bool {
        guard let turn = delivery.event.nextAttemptAt, delivery.event.wasHeldBack else { return false }
        if let replayedAt = delivery.event.replayedAt, turn <= replayedAt { return false }
        return delivery.overdue < Self.turnTolerance
    }

    /// The webhook's own rate limit leaves no turn soon: an attempt that was not sent.
    ///
    /// - Parameter wait: until the turn that is kept for it; nil where it has none, because that would come too late.
    private func heldBack(_ delivery: DeliveryRecord, for wait: Duration?) -> DeliveryAttempt {
        let outcome = sender.notSent(
            code: WebhookSender.heldBackCode, "The webhook's limit of \(delivery.rateLimitPerSecond) requests a second is used up.",
            statusCode: 429)
        return DeliveryAttempt(
            response: JSONDocument(outcome.entry.description), outcome: wait.map { .retry(after: $0) } ?? .failed, countsAsAttempt: false)
    }

    private func decision(_ delivery: DeliveryRecord, attempts: Int, earliest: Date?) -> DeliveryAttempt.Outcome {
        let now = clock()
        let next = settings.retries.nextAttempt(
            after: max(1, attempts - delivery.event.attemptsBeforeReplay), firstAttempt: delivery.event.firstAttempt ?? now, now: now,
            totalMinutes: delivery.maximumRetryDelayMinutes,
            earliest: earliest, chance: chance())
        return next.map { .retry(after: .seconds($0.timeIntervalSince(now))) } ?? .failed
    }
}

extension WebhookEventRecord {
    /// The attempts so far, in the contract's `WebhookEndpointResponse`.
    fileprivate var entries: [JSON] {
        do {
            guard case .array(let entries) = try JSON(parsing: responses.text) else { return [] }
            return entries
        } catch {
            return []
        }
    }

    /// When the first attempt began, since the event was last replayed; nil before there was one.
    fileprivate var firstAttempt: Date? {
        let attempts = entries.compactMap { $0["requestedAt"]?.text.flatMap { Timestamp.date($0) } }
        guard let replayedAt else { return attempts.first }
        return attempts.first { $0 >= replayedAt }
    }

    /// Whether the last attempt was not sent, because the webhook's rate limit left no turn.
    fileprivate var wasHeldBack: Bool { entries.last?["errorCode"]?.text == WebhookSender.heldBackCode }
}
