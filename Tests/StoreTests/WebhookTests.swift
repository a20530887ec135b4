import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Webhooks and the outbox")
struct WebhookTests {
    @Test("an event is written with the change it tells of, or not at all")
    func transactional() async throws {
        struct Stop: Error {}
        try await Fixture.with { fixture in
            _ = try await fixture.subscribe()
            let team = fixture.account.team.id
            await #expect(throws: Stop.self) {
                try await fixture.pool.transaction { transaction in
                    try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: transaction)
                    throw Stop()
                }
            }
            #expect(try await fixture.eventTypes() == [])
            try await fixture.pool.transaction { try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: $0) }
            #expect(try await fixture.eventTypes() == [.videoDeleted])
        }
    }

    @Test("only active webhooks of the team that subscribe to the type get an event")
    func subscription() async throws {
        try await Fixture.with { fixture in
            let other = try await Fixture.makeAccount(fixture.pool, "other@example.com")
            let wanted = try await fixture.subscribe([.videoDeleted, .videoInDone])
            _ = try await fixture.subscribe([.videoInDone])
            let inactive = try await fixture.subscribe([.videoDeleted])
            _ = try await fixture.webhooks.setActive(inactive.id, scope: fixture.scope, false)
            _ = try await fixture.webhooks.create(
                NewWebhook(team: other.team.id, name: "O", url: "https://example.org", eventTypes: [.videoDeleted]))
            let team = fixture.account.team.id
            try await fixture.pool.transaction { try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: $0) }
            let deliveries = try await fixture.outbox.lease(limit: 10, duration: .seconds(30))
            #expect(deliveries.map(\.event.webhook) == [wanted.id])
        }
    }

    @Test("several senders never get the same event, and one that died gives its event back")
    func leasing() async throws {
        try await Fixture.with(connections: 6) { fixture in
            _ = try await fixture.subscribe([.videoDeleted])
            let team = fixture.account.team.id
            try await fixture.pool.transaction { transaction in
                for _ in 0..<30 { try EventOutbox.record(.videoDeleted, video: ID(), team: team, in: transaction) }
            }
            let outbox = fixture.outbox
            let taken = try await withThrowingTaskGroup(of: [ID<WebhookEvent>].self) { group in
                for _ in 0..<6 {
                    group.addTask { try await outbox.lease(limit: 7, duration: .seconds(30)).map(\.event.id) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(taken).count == taken.count)
            try await fixture.expireLeases()
            #expect(try await outbox.lease(limit: 100, duration: .seconds(30)).count == 30)
        }
    }

    @Test("attempts are kept, retries wait for their time, and a decision is final")
    func attempts() async throws {
        try await Fixture.with { fixture in
            let webhook = try await fixture.subscribe([.videoDeleted])
            let event = try await fixture.webhooks.test(webhook.id, scope: fixture.scope, video: ID(), type: nil)
            let outbox = fixture.outbox
            let first = try #require(await outbox.lease(limit: 1, duration: .seconds(30)).first)
            #expect(first.event.id == event.id)
            let failure = DeliveryAttempt(response: JSONDocument(#"{"statusCode": 500}"#), outcome: .retry(after: .seconds(3600)))
            try await outbox.record(failure, for: first)
            await #expect(throws: LeaseLost.self) { try await outbox.record(failure, for: first) }
            #expect(try await outbox.lease(limit: 1, duration: .seconds(30)).isEmpty)
            try await fixture.pool.run { try $0.execute("UPDATE webhook_events SET next_attempt_at = now()") }
            let second = try #require(await outbox.lease(limit: 1, duration: .seconds(30)).first)
            #expect(second.event.attemptCount == 1)
            try await outbox.record(
                DeliveryAttempt(response: JSONDocument(#"{"statusCode": 200}"#), outcome: .delivered), for: second)
            let decided = try #require(await fixture.webhooks.event(event.id, scope: fixture.scope))
            #expect(decided.successful == true)
            #expect(decided.nextAttemptAt == nil)
            #expect(decided.attemptCount == 2)
            #expect(decided.responses.text == #"[{"statusCode": 500}, {"statusCode": 200}]"#)
            let page = PageRequest()
            let scope = fixture.scope
            #expect(try await fixture.webhooks.events(scope: scope, filter: WebhookEventFilter(testMode: .only), page: page).total == 1)
            #expect(try await fixture.webhooks.events(scope: scope, filter: WebhookEventFilter(testMode: .exclude), page: page).total == 0)
            let until = WebhookEventFilter(successfulMode: .only, occurredUntil: decided.occurredAt)
            #expect(try await fixture.webhooks.events(scope: scope, filter: until, page: page).total == 0)
            let from = WebhookEventFilter(successfulMode: .only, occurredFrom: decided.occurredAt)
            #expect(try await fixture.webhooks.events(scope: scope, filter: from, page: page).total == 1)
        }
    }

    @Test("a team has at most ten active webhooks")
    func limit() async throws {
        try await Fixture.with { fixture in
            for _ in 0..<WebhookStore.activeLimit { _ = try await fixture.subscribe([.videoDeleted]) }
            await #expect(throws: StoreError.conflict(.activeWebhookLimit(10))) { _ = try await fixture.subscribe([.videoDeleted]) }
            let spare = try await fixture.webhooks.create(
                NewWebhook(
                    team: fixture.account.team.id, name: "S", url: "https://example.com", eventTypes: [.videoDeleted], isActive: false))
            await #expect(throws: StoreError.conflict(.activeWebhookLimit(10))) {
                _ = try await fixture.webhooks.setActive(spare.id, scope: fixture.scope, true)
            }
        }
    }

    @Test("a test event needs an active webhook that subscribes to its type")
    func testConditions() async throws {
        try await Fixture.with { fixture in
            let webhook = try await fixture.subscribe([.videoDeleted])
            await #expect(throws: StoreError.conflict(.eventTypeNotSubscribed)) {
                _ = try await fixture.webhooks.test(webhook.id, scope: fixture.scope, video: ID(), type: .videoInDone)
            }
            _ = try await fixture.webhooks.setActive(webhook.id, scope: fixture.scope, false)
            await #expect(throws: StoreError.conflict(.webhookInactive)) {
                _ = try await fixture.webhooks.test(webhook.id, scope: fixture.scope, video: ID(), type: .videoDeleted)
            }
        }
    }

    @Test("a new signing key is published before it signs, and of two rotations at once one happens")
    func signingKeys() async throws {
        try await Fixture.with { fixture in
            let keys = SigningKeyStore(pool: fixture.pool)
            @Sendable func rotate(_ id: ID<SigningKey>, ifOlderThan age: Duration) async throws -> Bool {
                try await keys.rotate(
                    to: id, publicKey: "p", sealedPrivateKey: [1], ifOlderThan: age, notice: .seconds(600), grace: .seconds(600))
            }
            let first = ID<SigningKey>()
            #expect(try await rotate(first, ifOlderThan: .seconds(60)))
            #expect(try await keys.current()?.id == first)
            #expect(try await !rotate(ID(), ifOlderThan: .seconds(60)))
            try await fixture.pool.run { try $0.execute("UPDATE webhook_signing_keys SET created_at = now() - interval '1 day'") }
            let rotated = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<3 { group.addTask { try await rotate(ID(), ifOlderThan: .seconds(60)) } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(rotated == 1)
            let published = try await keys.published()
            #expect(published.count == 2)
            #expect(published.filter { $0.expiresAt == nil }.count == 1)
            #expect(try await keys.current()?.id == first)
        }
    }
}
