import Domain
import Events
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// What deliveries do that have to wait for their turn at their webhook.
@Suite(.timeLimit(.minutes(1))) struct RateLimitTests {
    private static func delivered(_ receiver: Receiver) throws -> Set<String> {
        Set(try receiver.requests.compactMap { try JSON(parsing: $0.body.bytes)["id"]?.text })
    }

    @Test("Deliveries that fail because their turn would come too late take no turn from later ones") func noTurnTaken() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url, rate: 1, retryMinutes: 0)
            for _ in 0..<20 { _ = try await events.send(webhook) }
            let relay = try events.relay { $0.patience = .zero }
            try await relay.deliverDue()
            // One turn further: twenty would be used up otherwise.
            try await Task.sleep(for: .milliseconds(1100))
            let last = try await events.send(webhook)
            try await relay.deliverDue()
            await receiver.stop()
            #expect(try await events.event(last).successful == true)
            #expect(try Self.delivered(receiver).contains(last.description))
        }
    }

    @Test("A host whose clock is an hour off keeps the turns that it gives", arguments: [3600.0, -3600.0])
    func otherClock(offset: Double) async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url, rate: 10)
            var ids: [ID<WebhookEvent>] = []
            for _ in 0..<15 { ids.append(try await events.send(webhook)) }
            let relay = try events.relay(
                {
                    $0.patience = .zero
                    $0.pollInterval = .milliseconds(50)
                }, clock: { Date(timeIntervalSinceNow: offset) })
            try await events.whileRunning(relay) { await receiver.waitForRequests(15) }
            await receiver.stop()
            #expect(try Self.delivered(receiver).count == 15)
            for id in ids {
                let held = try await events.responses(id).compactMap { $0["errorCode"]?.text }
                #expect(held.count <= 1, "a turn that was given is good: \(held)")
            }
        }
    }

    @Test("A replay waits for a turn, whatever its event died of, and goes out at it") func replay() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url, rate: 1, retryMinutes: 60)
            var ids: [ID<WebhookEvent>] = []
            for _ in 0..<40 { ids.append(try await events.send(webhook)) }
            let relay = try events.relay { $0.patience = .zero }
            try await relay.deliverDue()
            // The one whose turn is furthest away, as though it had been given up when it was held back.
            var held: (id: ID<WebhookEvent>, turn: Date)?
            for id in ids {
                guard let turn = try await events.event(id).nextAttemptAt, turn > held?.turn ?? .distantPast else { continue }
                held = (id, turn)
            }
            let id = try #require(held).id
            try await events.database.pool.run {
                try $0.execute("UPDATE webhook_events SET successful = false, next_attempt_at = NULL WHERE id = \(id)")
            }
            _ = try await events.webhooks.replay(id, scope: events.scope)
            try await relay.deliverDue()
            #expect(try Self.delivered(receiver).contains(id.description) == false)
            let waiting = try await events.event(id)
            #expect(waiting.successful == nil && waiting.attemptCount == 0)
            let (turn, replayedAt) = (try #require(waiting.nextAttemptAt), try #require(waiting.replayedAt))
            #expect(turn > replayedAt)
            let codes = try await events.responses(id).map { $0["errorCode"]?.text }
            #expect(codes == ["WEBHOOK_RATE_LIMIT_EXCEEDED", "WEBHOOK_RATE_LIMIT_EXCEEDED"])
            // Its turn has come.
            try await events.database.pool.run {
                try $0.execute("UPDATE webhook_events SET next_attempt_at = clock_timestamp() WHERE id = \(id)")
            }
            try await relay.deliverDue()
            await receiver.stop()
            #expect(try await events.event(id).successful == true)
            #expect(try await events.responses(id).count == 3)
        }
    }
}
