import Domain
import Events
import Foundation
import Postgres
import Primitives
import Store
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

    @Test(
        "What has waited too long for a receiver that does not answer is given up unsent, and what has not is tried",
        arguments: [true, false])
    func tooLate(isLate: Bool) async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let url = receiver.url
            await receiver.stop()
            let webhook = try await events.webhook(url, retryMinutes: 0)
            var ids: [ID<WebhookEvent>] = []
            for _ in 0..<5 { ids.append(try await events.send(webhook)) }
            let relay = try events.relay {
                $0.pollInterval = .milliseconds(50)
                $0.concurrencyUntilAnswer = 1
                if isLate { $0.shortestWait = .zero }
            }
            let pool = events.database.pool
            try await events.whileRunning(relay) {
                let pending: SQL = "SELECT count(*) FROM webhook_events WHERE successful IS NULL"
                while try await pool.run({ try $0.value(pending, as: Int.self) ?? 0 }) > 0 { try await Task.sleep(for: .milliseconds(20)) }
            }
            var codes: [String: Int] = [:]
            for id in ids {
                #expect(try await events.event(id).successful == false)
                for entry in try await events.responses(id) { codes[entry["errorCode"]?.text ?? "", default: 0] += 1 }
            }
            #expect(codes == (isLate ? ["CONNECTION_FAILED": 1, "WEBHOOK_NOT_ANSWERING": 4] : ["CONNECTION_FAILED": 5]))
        }
    }
}

@Suite struct DeliveryPlacesTests {
    /// What a webhook has.
    private static func place(of webhook: ID<Webhook>, in places: DeliveryPlaces) -> DeliveryRoom.Place? {
        places.room.webhooks.first { $0.id == webhook }
    }

    @Test("A webhook has few places until it answers, and few again when it does not") func answers() {
        let places = DeliveryPlaces(total: 8, perWebhook: 4, untilAnswer: 2)
        let webhook = ID<Webhook>()
        #expect(places.room.total == 8 && places.room.each == 2 && places.room.silent == 4 && places.room.webhooks.isEmpty)
        places.take(webhook)
        places.take(webhook)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 2, free: 0, isSilent: false))
        places.giveBack(webhook, isAnswered: true)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 1, free: 3, isSilent: false))
        places.giveBack(webhook, isAnswered: false)
        #expect(Self.place(of: webhook, in: places) == DeliveryRoom.Place(webhook, underWay: 0, free: 2, isSilent: true))
        // Nothing was sent: nothing is known that was not before.
        #expect(places.take(webhook))
        places.giveBack(webhook, isAnswered: nil)
        #expect(Self.place(of: webhook, in: places)?.isSilent == true)
        places.take(webhook)
        places.giveBack(webhook, isAnswered: true)
        #expect(Self.place(of: webhook, in: places) == nil && places.room.total == 8)
    }

    @Test("Webhooks that do not answer have half of the places together", arguments: [(8, 4), (1, 1)]) func half(total: Int, half: Int) {
        let places = DeliveryPlaces(total: total, perWebhook: 4, untilAnswer: 1)
        let webhooks = (0..<half).map { _ in ID<Webhook>() }
        for webhook in webhooks {
            places.take(webhook)
            places.giveBack(webhook, isAnswered: false)
        }
        #expect(places.room.silent == half && places.room.total == total)
        for webhook in webhooks { places.take(webhook) }
        #expect(places.room.silent == 0 && places.room.total == total - half)
    }
}
