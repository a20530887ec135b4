import Domain
import Foundation
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Which webhook events are leased")
struct LeaseTests {
    /// Events of a webhook, the oldest due for so many seconds and each following one a millisecond less.
    private static func fill(_ fixture: Fixture, _ webhook: ID<Webhook>, _ count: Int, dueFor seconds: Double) async throws {
        let team = fixture.account.team.id
        try await fixture.pool.run {
            try $0.execute(
                """
                INSERT INTO webhook_events (id, team_id, webhook_id, event_type, video_id, occurred_at, next_attempt_at)
                SELECT gen_random_uuid(), \(team), \(webhook), \(EventType.videoDeleted)::text, gen_random_uuid(), now(),
                    now() - make_interval(secs => \(seconds) - place * 0.001) FROM generate_series(1, \(count)) place
                """)
        }
    }

    /// How many events of each webhook there is room for.
    private static func counts(_ fixture: Fixture, _ room: DeliveryRoom) async throws -> [ID<Webhook>: Int] {
        let leased = try await fixture.outbox.lease(room, duration: .seconds(30))
        return Dictionary(grouping: leased) { $0.event.webhook }.mapValues(\.count)
    }

    @Test("those of webhooks with the fewest under way come first, however old the others' are")
    func fairness() async throws {
        try await Fixture.with { fixture in
            let (first, second) = (try await fixture.subscribe().id, try await fixture.subscribe().id)
            try await Self.fill(fixture, first, 50, dueFor: 3600)
            try await Self.fill(fixture, second, 20, dueFor: 60)
            #expect(try await Self.counts(fixture, DeliveryRoom(total: 8, each: 4, silent: 4)) == [first: 4, second: 4])
            // Three of the first are under way: the second catches up before it gets more.
            let busy = DeliveryRoom.Place(first, underWay: 3, free: 10, isSilent: false)
            let room = DeliveryRoom(total: 4, each: 4, silent: 4, webhooks: [busy])
            #expect(try await Self.counts(fixture, room) == [first: 1, second: 3])
            let full = DeliveryRoom.Place(second, underWay: 4, free: 0, isSilent: false)
            #expect(try await Self.counts(fixture, DeliveryRoom(total: 4, each: 4, silent: 4, webhooks: [full])) == [first: 4])
            #expect(try await Self.counts(fixture, DeliveryRoom(total: 0, each: 4, silent: 4)) == [:])
        }
    }

    @Test("those of webhooks that do not answer have a limit together, and are in nobody's way")
    func silence() async throws {
        try await Fixture.with { fixture in
            var silent: [ID<Webhook>] = []
            for _ in 0..<5 { silent.append(try await fixture.subscribe().id) }
            let quick = try await fixture.subscribe().id
            for webhook in silent { try await Self.fill(fixture, webhook, 10, dueFor: 3600) }
            try await Self.fill(fixture, quick, 10, dueFor: 1)
            let places = silent.map { DeliveryRoom.Place($0, underWay: 0, free: 2, isSilent: true) }
            let counts = try await Self.counts(fixture, DeliveryRoom(total: 5, each: 4, silent: 2, webhooks: places))
            #expect(counts[quick] == 3)
            #expect(silent.compactMap { counts[$0] } == [1, 1], "one each, of two of them")
        }
    }

    @Test("the oldest of a webhook come first, and how long they are due is told by the database's clock")
    func order() async throws {
        try await Fixture.with { fixture in
            let webhook = try await fixture.subscribe().id
            try await Self.fill(fixture, webhook, 10, dueFor: 1000)
            let oldest: [ID<WebhookEvent>] = try await fixture.pool.run {
                try $0.values("SELECT id FROM webhook_events ORDER BY next_attempt_at LIMIT 3")
            }
            let leased = try await fixture.outbox.lease(limit: 3, duration: .seconds(30))
            #expect(Set(leased.map(\.event.id)) == Set(oldest))
            #expect(leased.allSatisfy { $0.overdue > .seconds(990) && $0.overdue < .seconds(1200) && $0.age < .seconds(200) })
        }
    }

    @Test("a backlog of one webhook, and webhooks with nothing due, are not walked through")
    func cost() async throws {
        try await Fixture.with { fixture in
            let (slow, quick) = (try await fixture.subscribe().id, try await fixture.subscribe().id)
            try await Self.fill(fixture, slow, 20_000, dueFor: 3600)
            try await Self.fill(fixture, quick, 5, dueFor: 1)
            let full = DeliveryRoom.Place(slow, underWay: 16, free: 0, isSilent: false)
            for webhooks in [[full], []] {
                let room = DeliveryRoom(total: 64, each: 16, silent: 32, webhooks: webhooks)
                let plan = try await fixture.pool.run { connection in
                    try connection.execute("ANALYZE webhook_events")
                    return try connection.values(
                        "EXPLAIN (ANALYZE, TIMING OFF) " + EventOutbox.leaseStatement(room, duration: .seconds(30)), as: String.self)
                }
                for line in plan where line.contains("Scan") && line.contains(" on webhook_events") {
                    let actual = try #require(line.firstMatch(of: #/actual rows=(\d+)[.\d]* loops=(\d+)/#), "\(line)")
                    let (rows, loops) = (try #require(Int(actual.1)), try #require(Int(actual.2)))
                    #expect(rows * loops <= 200, "\(plan.joined(separator: "\n"))")
                }
                for line in plan where line.contains("Rows Removed by Filter") {
                    let removed = try #require(line.firstMatch(of: #/Filter: (\d+)/#), "\(line)")
                    #expect(try #require(Int(removed.1)) <= 200, "\(plan.joined(separator: "\n"))")
                }
            }
        }
    }
}
