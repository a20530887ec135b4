import Credentials
import Crypto
import Domain
import Events
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// A team with webhooks and a relay, over a real database and real sockets.
struct EventsHarness {
    let database: TestDatabase
    let team: ID<Team>
    let keys: SigningKeys

    var scope: TeamScope { TeamScope(team) }
    var webhooks: WebhookStore { WebhookStore(pool: database.pool) }

    static func with(_ body: (EventsHarness) async throws -> Void) async throws {
        try await TestDatabase.withMigrated { database in
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "a@example.com", name: "A", password: PasswordHash.make("x", cost: .cheap), teamName: "A")
            let box = try SecretBox(masterKey: [UInt8](repeating: 1, count: 32))
            let keys = SigningKeys(store: SigningKeyStore(pool: database.pool), secretBox: box)
            try await body(EventsHarness(database: database, team: account.team.id, keys: keys))
        }
    }

    /// A relay whose retries are due at once.
    ///
    /// - Parameters:
    ///   - other: keys to sign with instead of the harness's own.
    ///   - clock: the host's.
    func relay(
        _ change: (inout EventRelay.Settings) -> Void = { _ in }, listening: Bool = false, keys other: SigningKeys? = nil,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) throws -> EventRelay {
        var settings = EventRelay.Settings()
        settings.retries.firstDelay = .zero
        change(&settings)
        return EventRelay(
            outbox: EventOutbox(pool: database.pool), keys: other ?? keys, client: try HTTPClient(),
            policy: OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate),
            listener: listening
                ? NotificationListener(database.configuration, channels: [Channel.events], observer: TestCluster.observer) : nil,
            settings: settings, observer: TestCluster.observer, clock: clock)
    }

    /// Runs `body` while a relay delivers.
    func whileRunning(_ relay: EventRelay, _ body: () async throws -> Void) async throws {
        let running = Task { try await relay.run() }
        do { try await body() } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    /// Of a server with another master key.
    func foreignKeys() throws -> SigningKeys {
        SigningKeys(
            store: SigningKeyStore(pool: database.pool), secretBox: try SecretBox(masterKey: [UInt8](repeating: 2, count: 32)))
    }

    func webhook(_ url: String, rate: Int = 1000, retryMinutes: Int = 180) async throws -> ID<Webhook> {
        try await webhooks.create(
            NewWebhook(
                team: team, name: "hook", url: url, rateLimitPerSecond: rate, maximumRetryDelayMinutes: retryMinutes,
                eventTypes: EventType.allCases)
        ).id
    }

    func event(_ id: ID<WebhookEvent>) async throws -> WebhookEventRecord {
        try #require(try await webhooks.event(id, scope: scope))
    }

    func responses(_ id: ID<WebhookEvent>) async throws -> [JSON] {
        guard case .array(let items) = try JSON(parsing: try await event(id).responses.text) else { return [] }
        return items
    }

    /// A new event for a webhook.
    func send(_ webhook: ID<Webhook>, _ type: EventType = .videoProcessingDone) async throws -> ID<WebhookEvent> {
        try await webhooks.test(webhook, scope: scope, video: ID(), type: type).id
    }
}

@Suite struct DeliveryTests {
    @Test("A delivery says what happened, and its signature verifies") func signature() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url)
            let id = try await events.send(webhook)
            try await events.relay().deliverDue()
            let request = try #require(receiver.requests.first)
            await receiver.stop()

            #expect(receiver.requests.count == 1)
            #expect(request.headers[.contentType] == "application/json")
            #expect(request.headers["X-Pixop-Algorithm"] == "SHA256withECDSA")
            let body = try JSON(parsing: request.body.bytes)
            #expect(body["id"] == .string(id.description))
            #expect(body["webhookId"] == .string(webhook.description))
            #expect(body["eventType"] == .string("video_processing.done"))
            #expect(body["attemptCount"] == .integer(1))
            #expect(body["test"] == .boolean(true))
            #expect(body["data"]?["type"] == .string("VIDEO"))

            let timestamp = try #require(request.headers["X-Pixop-Timestamp"])
            #expect(abs(try #require(Double(timestamp)) - Date().timeIntervalSince1970) < 300)
            let published = try #require(try await SigningKeyStore(pool: events.database.pool).published().first)
            #expect(request.headers["X-Pixop-Public-Key-Id"] == published.id.description)
            let key = try P256.Signing.PublicKey(derRepresentation: #require(Data(base64Encoded: published.publicKey)))
            let text = try #require(request.headers["X-Pixop-Signature"])
            let signature = try P256.Signing.ECDSASignature(derRepresentation: #require(Data(base64Encoded: text)))
            #expect(key.isValidSignature(signature, for: Data("\(timestamp).".utf8) + Data(request.body.bytes)))

            let event = try await events.event(id)
            #expect(event.successful == true)
            #expect(event.attemptCount == 1)
            #expect(event.nextAttemptAt == nil)
            let response = try #require(try await events.responses(id).first)
            #expect(response["statusCode"] == .integer(204))
            #expect(response["errorCode"] == nil && response["responseHeaders"] == nil)
        }
    }

    @Test("Failures are tried again with the same event and a new signature, until it is taken") func retries() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver([
                HTTPResponse(.internalServerError, contentType: "text/plain", bytes: Array(String(repeating: "e\u{301}", count: 300).utf8)),
                HTTPResponse(HTTPStatus(302), headers: [.location: "https://elsewhere.example/" + String(repeating: "x", count: 100)]),
            ])
            let id = try await events.send(try await events.webhook(receiver.url))
            try await events.relay().deliverDue()
            await receiver.stop()
            #expect(receiver.requests.count == 3)
            let bodies = try receiver.requests.map { try JSON(parsing: $0.body.bytes) }
            #expect(bodies.map { $0["attemptCount"] } == [.integer(1), .integer(2), .integer(3)])
            #expect(Set(bodies.compactMap { $0["id"]?.text }) == [id.description])
            #expect(Set(receiver.requests.compactMap { $0.headers["X-Pixop-Signature"] }).count == 3)
            let event = try await events.event(id)
            #expect(event.successful == true && event.attemptCount == 3)
            let responses = try await events.responses(id)
            #expect(responses.map { $0["statusCode"] } == [.integer(500), .integer(302), .integer(204)])
            #expect(responses[0]["responseBody"]?.text == String(repeating: "e\u{301}", count: 50), "100 code points")
            #expect(responses[0]["responseHeaders"]?["Content-Type"] == .string("text/plain"))
            #expect(responses[0]["errorMessage"] == .string("The endpoint answered 500."))
            #expect(responses[1]["responseHeaders"]?["Location"]?.text?.count == 50)
        }
    }

    @Test("Without a total delay one failure decides") func noRetries() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver([HTTPResponse(.badGateway)])
            let id = try await events.send(try await events.webhook(receiver.url, retryMinutes: 0))
            try await events.relay().deliverDue()
            await receiver.stop()
            let event = try await events.event(id)
            #expect(event.successful == false && event.nextAttemptAt == nil)
            #expect(receiver.requests.count == 1)
        }
    }

    @Test("A receiver that asks for time is left alone until then") func retryAfter() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver([HTTPResponse(.tooManyRequests, headers: [.retryAfter: "120"])])
            let id = try await events.send(try await events.webhook(receiver.url))
            try await events.relay().deliverDue()
            await receiver.stop()
            let event = try await events.event(id)
            #expect(event.successful == nil)
            #expect(try #require(event.nextAttemptAt).timeIntervalSinceNow > 100)
            let response = try #require(try await events.responses(id).first)
            #expect(response["responseRetryAt"] != nil)
            #expect(response["responseHeaders"]?["Retry-After"] == .string("120"))
        }
    }

    @Test("Nobody there: status 0, and why") func unreachable() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let url = receiver.url
            await receiver.stop()
            let id = try await events.send(try await events.webhook(url, retryMinutes: 0))
            let inside = try await events.send(try await events.webhook("ftp://hooks.example.com/", retryMinutes: 0))
            try await events.relay().deliverDue()
            let response = try #require(try await events.responses(id).first)
            #expect(response["statusCode"] == .integer(0))
            #expect(response["errorCode"] == .string("CONNECTION_FAILED"))
            #expect(try await events.responses(inside).first?["errorCode"] == .string("URL_REFUSED"))
        }
    }

    @Test("Beyond the webhook's own rate a delivery is held back, not counted, and made later") func rateLimit() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url, rate: 1)
            let ids = [try await events.send(webhook), try await events.send(webhook)]
            try await events.relay { $0.patience = .zero }.deliverDue()
            await receiver.stop()
            #expect(receiver.requests.count == 1)
            let held = try await events.event(ids[1]).successful == nil ? ids[1] : ids[0]
            let event = try await events.event(held)
            #expect(event.attemptCount == 0 && event.nextAttemptAt != nil)
            let response = try #require(try await events.responses(held).first)
            #expect(response["errorCode"] == .string("WEBHOOK_RATE_LIMIT_EXCEEDED"))
            #expect(response["statusCode"] == .integer(429))
        }
    }

    @Test("What was held back goes out at its turn, and is not held back again") func turns() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url, rate: 5)
            var ids: [ID<WebhookEvent>] = []
            for _ in 0..<12 { ids.append(try await events.send(webhook)) }
            let relay = try events.relay {
                $0.patience = .zero
                $0.pollInterval = .milliseconds(50)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await relay.run() }
                await receiver.waitForRequests(12)
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
            await receiver.stop()
            #expect(receiver.requests.count == 12)
            for id in ids {
                let entries = try await events.responses(id).compactMap { $0["errorCode"]?.text }
                #expect(entries.count <= 1, "\(entries)")
            }
        }
    }

    @Test("A webhook that does not answer leaves the others their places") func places() async throws {
        try await EventsHarness.with { events in
            let (slow, quick) = (try Receiver(holdingAnswers: true), try Receiver())
            let (first, second) = (try await events.webhook(slow.url), try await events.webhook(quick.url))
            for _ in 0..<10 { _ = try await events.send(first) }
            for _ in 0..<10 { _ = try await events.send(second) }
            let relay = try events.relay {
                $0.concurrency = 4
                $0.concurrencyPerWebhook = 2
                $0.pollInterval = .milliseconds(50)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await relay.run() }
                await quick.waitForRequests(10)
                #expect(slow.requests.count <= 2)
                slow.release()
                await slow.waitForRequests(10)
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
            await slow.stop()
            await quick.stop()
        }
    }

    @Test("Deactivated before the delivery: the event fails unsent") func deactivated() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            let webhook = try await events.webhook(receiver.url)
            let id = try await events.send(webhook)
            _ = try await events.webhooks.setActive(webhook, scope: events.scope, false)
            try await events.relay().deliverDue()
            await receiver.stop()
            #expect(receiver.requests.isEmpty)
            #expect(try await events.event(id).successful == false)
            #expect(try await events.responses(id).first?["errorCode"] == .string("WEBHOOK_NOT_ACTIVE"))
        }
    }

    @Test("A signing key that does not open is a failed attempt: written down, tried again later, and decided in the end")
    func unreadableKey() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver()
            _ = try await events.keys.current()
            let once = try await events.send(try await events.webhook(receiver.url, retryMinutes: 0))
            let again = try await events.send(try await events.webhook(receiver.url))
            try await events.relay({ $0.retries.firstDelay = .seconds(600) }, keys: events.foreignKeys()).deliverDue()
            #expect(receiver.requests.isEmpty)
            #expect(try await events.event(once).successful == false)
            let waiting = try await events.event(again)
            #expect(waiting.successful == nil && waiting.attemptCount == 1)
            #expect(try #require(waiting.nextAttemptAt).timeIntervalSinceNow > 60, "the schedule's delay, not the lease's end")
            for id in [once, again] {
                let response = try #require(try await events.responses(id).first)
                #expect(response["statusCode"] == .integer(0) && response["errorCode"] == .string("SIGNING_KEY_UNREADABLE"))
            }
            // The right key goes on where the wrong one failed.
            _ = try await events.webhooks.replay(once, scope: events.scope)
            try await events.relay().deliverDue()
            await receiver.stop()
            #expect(receiver.requests.count == 1)
            #expect(try await events.event(once).successful == true)
        }
    }

    @Test("A running relay is woken by events and delivers them all") func running() async throws {
        try await EventsHarness.with { events in
            let receiver = try Receiver((0..<20).map { $0 % 3 == 0 ? HTTPResponse(.serviceUnavailable) : HTTPResponse(.noContent) })
            let webhook = try await events.webhook(receiver.url)
            let relay = try events.relay({ $0.pollInterval = .milliseconds(50) }, listening: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await relay.run() }
                for _ in 0..<30 { _ = try await events.send(webhook) }
                // 20 scripted answers, 7 of them failures, so 37 requests take the 30 events.
                await receiver.waitForRequests(37)
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
            await receiver.stop()
            let delivered = Set(try receiver.requests.compactMap { try JSON(parsing: $0.body.bytes)["id"]?.text })
            #expect(delivered.count == 30)
        }
    }
}

@Suite struct SigningKeysTests {
    @Test("Several processes make one first key") func first() async throws {
        try await EventsHarness.with { events in
            let keys = try await withThrowingTaskGroup(of: ID<SigningKey>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let box = try SecretBox(masterKey: [UInt8](repeating: 1, count: 32))
                        return try await SigningKeys(store: SigningKeyStore(pool: events.database.pool), secretBox: box).current().id
                    }
                }
                return try await group.reduce(into: Set<ID<SigningKey>>()) { $0.insert($1) }
            }
            #expect(keys.count == 1)
        }
    }

    @Test("Whether the newest key opens is known: nothing before there is one, then by the master key") func opening() async throws {
        try await EventsHarness.with { events in
            #expect(try await events.keys.opensNewest() == nil)
            try await events.keys.rotateIfDue()
            #expect(try await events.keys.opensNewest() == true)
            #expect(try await events.foreignKeys().opensNewest() == false)
            await #expect(throws: CredentialError.notAuthentic) { _ = try await events.foreignKeys().current() }
        }
    }

    @Test("A young key is kept, an old one replaced; the new one signs after its notice") func rotation() async throws {
        try await EventsHarness.with { events in
            let store = SigningKeyStore(pool: events.database.pool)
            let box = try SecretBox(masterKey: [UInt8](repeating: 1, count: 32))
            let first = try await events.keys.current().id
            try await events.keys.rotateIfDue()
            #expect(try await store.published().count == 1)
            var rule = SigningKeys.Rule()
            rule.period = .zero
            rule.notice = .zero
            let hasty = SigningKeys(store: store, secretBox: box, rule: rule)
            try await hasty.rotateIfDue()
            let second = try await hasty.current().id
            #expect(second != first)
            let published = try await store.published()
            #expect(published.map(\.id) == [second, first])
            #expect(published.map { $0.expiresAt == nil } == [true, false])
        }
    }
}
