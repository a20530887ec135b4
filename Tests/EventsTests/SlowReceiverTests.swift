import Domain
import Events
import Foundation
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// What receivers that do not answer cost the others.
@Suite(.timeLimit(.minutes(1))) struct SlowReceiverTests {
    @Test("As many webhooks that do not answer as could fill all places leave a quick one its own") func allPlaces() async throws {
        try await EventsHarness.with { events in
            let slow = try (0..<4).map { _ in try Receiver(holdingAnswers: true) }
            for receiver in slow { _ = try await events.webhook(receiver.url) }
            let team = events.team
            // Many times what goes through the places while one attempt is waited for.
            try await events.database.pool.transaction { transaction in
                for _ in 0..<200 { try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: transaction) }
            }
            let quick = try Receiver()
            try await events.whileRunning(try events.relay { $0.pollInterval = .milliseconds(50) }) {
                for receiver in slow { await receiver.waitForRequests(2) }
                let webhook = try await events.webhook(quick.url)
                for _ in 0..<40 { _ = try await events.send(webhook) }
                await quick.waitForRequests(40)
            }
            for receiver in slow {
                receiver.release()
                await receiver.stop()
            }
            await quick.stop()
        }
    }

    /// Writes events for all webhooks of the team that happened two hours ago, and were never tried.
    private static func recordOld(_ count: Int, _ events: EventsHarness) async throws {
        let team = events.team
        try await events.database.pool.transaction { transaction in
            for _ in 0..<count { try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: transaction) }
            try transaction.execute("UPDATE webhook_events SET created_at = created_at - interval '2 hours' WHERE successful IS NULL")
        }
    }

    /// Returns once `count`, a query for a number, finds nothing.
    private static func waitForNone(_ count: SQL, _ events: EventsHarness) async throws {
        while try await events.database.pool.run({ try $0.value(count, as: Int.self) ?? 0 }) > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Events whose last attempt ended with this code.
    private static func count(_ code: String, _ events: EventsHarness) async throws -> Int? {
        try await events.database.pool.run {
            try $0.value("SELECT count(*) FROM webhook_events WHERE responses -> -1 ->> 'errorCode' = \(code)::text", as: Int.self)
        }
    }

    @Test("What has waited too long for a receiver that was silent all the while is given up unsent, with attempts in between")
    func tooLate() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let url = receiver.url
            await receiver.stop()
            let webhook = try await events.webhook(url, retryMinutes: 0)
            let clock = HandClock()
            let relay = try events.relay(
                {
                    $0.pollInterval = .milliseconds(50)
                    $0.concurrencyUntilAnswer = 1
                }, clock: { clock.now })
            let pending: SQL = "SELECT count(*) FROM webhook_events WHERE successful IS NULL"
            try await Self.recordOld(5, events)
            try await events.whileRunning(relay) {
                // Nothing is known of the receiver yet: all are tried.
                try await Self.waitForNone(pending, events)
                #expect(try await Self.count("CONNECTION_FAILED", events) == 5)
                for tried in [6, 7] {
                    clock.advance(by: 40 * 60)
                    _ = try await events.send(webhook)
                    try await Self.waitForNone(pending, events)
                    #expect(try await Self.count("CONNECTION_FAILED", events) == tried)
                }
                // It has been silent for 80 minutes, and was just now.
                try await Self.recordOld(5, events)
                try await Self.waitForNone(pending, events)
                #expect(try await Self.count("CONNECTION_FAILED", events) == 7)
                #expect(try await Self.count("WEBHOOK_NOT_ANSWERING", events) == 5)
                // Two minutes later one is tried before the others are given up.
                clock.advance(by: 120)
                try await Self.recordOld(5, events)
                try await Self.waitForNone(pending, events)
                #expect(try await Self.count("CONNECTION_FAILED", events) == 8)
                #expect(try await Self.count("WEBHOOK_NOT_ANSWERING", events) == 9)
                // After more than an hour in which nothing was tried nothing is known again.
                clock.advance(by: 61 * 60)
                try await Self.recordOld(5, events)
                try await Self.waitForNone(pending, events)
                #expect(try await Self.count("CONNECTION_FAILED", events) == 13)
                #expect(try await Self.count("WEBHOOK_NOT_ANSWERING", events) == 9)
            }
        }
    }

    @Test("An old backlog outlasts a receiver that is away when its delivery begins, and comes back") func comesBack() async throws {
        try await EventsHarness.with { events in
            let gone = try Receiver()
            let url = gone.url
            await gone.stop()
            let webhook = try await events.webhook(url, retryMinutes: 60)
            let back = try Receiver()
            let address = back.url
            try await Self.recordOld(5, events)
            let relay = try events.relay {
                $0.pollInterval = .milliseconds(50)
                $0.concurrencyUntilAnswer = 1
            }
            try await events.whileRunning(relay) {
                try await Self.waitForNone(
                    "SELECT count(*) FROM webhook_events WHERE successful IS NULL AND attempt_count = 0", events)
                try await events.database.pool.run { try $0.execute("UPDATE webhooks SET url = \(address) WHERE id = \(webhook)") }
                try await Self.waitForNone("SELECT count(*) FROM webhook_events WHERE successful IS NULL", events)
            }
            #expect(back.requests.count == 5)
            let delivered: SQL = "SELECT count(*) FROM webhook_events WHERE successful"
            #expect(try await events.database.pool.run { try $0.value(delivered, as: Int.self) } == 5)
            await back.stop()
        }
    }
}

/// A clock that goes on only when it is told to.
private final class HandClock: Sendable {
    private let time = Mutex(Date())
    var now: Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

@Suite struct DeliveryPlacesTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)

    /// What a webhook has.
    private static func place(of webhook: ID<Webhook>, in places: DeliveryPlaces) -> DeliveryRoom.Place? {
        places.room.webhooks.first { $0.id == webhook }
    }

    @Test("A webhook has few places until it answers, and few again when it does not") func answers() {
        let places = DeliveryPlaces(total: 8, perWebhook: 4, untilAnswer: 2, longestGap: .seconds(3600))
        let webhook = ID<Webhook>()
        #expect(places.room.total == 8 && places.room.each == 2 && places.room.silent == 4 && places.room.webhooks.isEmpty)
        places.take(webhook)
        places.take(webhook)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 2, free: 0, isSilent: false))
        places.giveBack(webhook, isAnswered: true, at: Self.start)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 1, free: 3, isSilent: false))
        places.giveBack(webhook, isAnswered: false, at: Self.start)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 0, free: 2, isSilent: true))
        // Nothing was sent: nothing is known that was not before.
        #expect(places.take(webhook) == Silence(since: Self.start, latest: Self.start))
        places.giveBack(webhook, isAnswered: nil, at: Self.start)
        #expect(Self.place(of: webhook, in: places)?.isSilent == true)
        places.take(webhook)
        places.giveBack(webhook, isAnswered: true, at: Self.start)
        #expect(Self.place(of: webhook, in: places) == nil && places.room.total == 8)
    }

    @Test("Webhooks that do not answer have half of the places together", arguments: [(8, 4), (1, 1)]) func half(total: Int, half: Int) {
        let places = DeliveryPlaces(total: total, perWebhook: 4, untilAnswer: 1, longestGap: .seconds(3600))
        let webhooks = (0..<half).map { _ in ID<Webhook>() }
        for webhook in webhooks {
            places.take(webhook)
            places.giveBack(webhook, isAnswered: false, at: Self.start)
        }
        #expect(places.room.silent == half && places.room.total == total)
        for webhook in webhooks { places.take(webhook) }
        #expect(places.room.silent == 0 && places.room.total == total - half)
    }

    @Test("A silence lasts from the first attempt without an answer to the last, unless there was none for long") func silence() {
        let places = DeliveryPlaces(total: 8, perWebhook: 4, untilAnswer: 2, longestGap: .seconds(3600))
        let webhook = ID<Webhook>()
        // Seconds of an attempt, and how long the silence is then.
        for (seconds, length) in [(0.0, 0.0), (3600, 3600), (5000, 5000), (8601, 0), (8700, 99), (8699, 99), (5099, 0)] {
            places.take(webhook)
            places.giveBack(webhook, isAnswered: false, at: Self.start.addingTimeInterval(seconds))
            #expect(places.take(webhook)?.length == length, "\(seconds)")
            places.giveBack(webhook, isAnswered: nil, at: Self.start.addingTimeInterval(seconds))
        }
        places.take(webhook)
        places.giveBack(webhook, isAnswered: true, at: Self.start)
        #expect(places.take(webhook) == nil)
    }
}
