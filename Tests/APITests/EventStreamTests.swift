import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Event streams and the dead letter") struct EventStreamTests {
    /// What a stream has written so far.
    private final class Wire: Sendable {
        private let text = Mutex("")
        func append(_ bytes: [UInt8]) { text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }

        /// Complete events: id, type and data.
        var events: [(id: String, type: String, data: JSON)] {
            text.withLock { $0 }.split(separator: "\n\n").compactMap { frame in
                var fields: [String: String] = [:]
                for line in frame.split(separator: "\n") {
                    let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
                    if parts.count == 2 { fields[parts[0]] = parts[1] }
                }
                guard let id = fields["id"], let type = fields["event"], let data = fields["data"] else { return nil }
                return (try? JSON(parsing: data)).map { (id, type, $0) }
            }
        }
    }

    /// Reads a stream until it has sent `count` events, and one of `video` if that is given.
    private static func read(
        _ api: APIHarness, _ count: Int, after id: String? = nil, until video: @escaping @Sendable () -> String? = { nil }
    ) async throws -> [(id: String, type: String, data: JSON)] {
        var headers: HeaderFields = ["X-API-Key": api.key]
        if let id { headers["Last-Event-ID"] = id }
        let answer = try await api.send(.get, "/v1/events", headers: headers, expecting: 200)
        #expect(answer.response.headers[.contentType] == "text/event-stream")
        guard case .stream(let stream) = answer.response.body else {
            Issue.record("the answer is no stream")
            return []
        }
        let wire = Wire()
        struct Enough: Error {}
        do {
            try await stream.play { bytes in
                wire.append(bytes)
                let events = wire.events
                let video = video()
                guard video.map({ id in events.contains { $0.data["data"]?["videoId"] == .string(id) } }) ?? true else { return }
                if events.count >= count { throw Enough() }
            }
        } catch is Enough {}
        return wire.events
    }

    @Test("Events stream in order, without a webhook, and go on after the last one received", .timeLimit(.minutes(8)))
    func streams() async throws {
        try await APIHarness.with { api in
            let video = try await api.importMaster()
            let all = try await Self.read(api, 4, after: "0-0")
            #expect(
                all.map(\.type) == ["video_in.started", "video_in.done", "video_in_ingestion.started", "video_in_ingestion.done"])
            #expect(all.allSatisfy { $0.data["data"]?["videoId"] == .string("\(video)") })
            let rest = try await Self.read(api, 2, after: all[1].id)
            #expect(rest.map(\.id) == all.dropFirst(2).map(\.id))
        }
    }

    @Test("A stream without a place sends what happens next, and little of what was before", .timeLimit(.minutes(8)))
    func live() async throws {
        try await APIHarness.with { api in
            let end = try await TeamEventStore(pool: api.database.pool).end()
            let video = try await api.startImport()
            // Transactions open elsewhere in the cluster hold events back: what is read is right, when it is may vary.
            let events = try await Self.read(api, 1, after: "\(end)", until: { "\(video)" })
            #expect(events.first?.type == "video_in.started")
            let answer = try await api.send(.get, "/v1/events", headers: ["X-API-Key": api.key], expecting: 200)
            #expect(answer.response.headers[.cacheControl] == "no-store")
        }
    }

    @Test("A stream goes on with what happens after a backup was restored", .timeLimit(.minutes(8))) func restored() async throws {
        try await APIHarness.with { api in
            let team = api.account.team.id
            // As the old server wrote it, whose count was far ahead.
            let position = try await api.database.pool.run {
                try $0.value(
                    """
                    INSERT INTO team_events (id, team_id, event_type, video_id, occurred_at, transaction)
                    VALUES (gen_random_uuid(), \(team), 'video.deleted', gen_random_uuid(), now(), 9000000000000) RETURNING position
                    """, as: Int64.self)
            }
            let last = try #require(position)
            try await api.database.pool.run { try $0.execute("UPDATE event_numbering SET cluster = 'another'") }
            #expect(try await TeamEventStore(pool: api.database.pool).adoptRestored() == 1)
            let video = try await api.startImport()
            let events = try await Self.read(api, 1, after: "9000000000000-\(last)", until: { "\(video)" })
            // What was restored of the last hour before it comes again.
            #expect(events.map(\.type) == ["video.deleted", "video_in.started"])
        }
    }

    @Test("A stream ends when its key is switched off", .timeLimit(.minutes(8))) func switchedOff() async throws {
        try await APIHarness.with { api in
            let answer = try await api.send(.get, "/v1/events", headers: ["X-API-Key": api.key], expecting: 200)
            guard case .stream(let stream) = answer.response.body else {
                Issue.record("the answer is no stream")
                return
            }
            async let ended: Void = stream.play { _ in }
            let (keys, user) = (APIKeyStore(pool: api.database.pool), api.account.user.id)
            for key in try await keys.list(user: user, page: PageRequest()).items {
                #expect(try await keys.teams(of: key.id) == [api.account.team.id])
                _ = try await keys.setActive(key.id, user: user, false)
                #expect(try await keys.teams(of: key.id) == nil)
            }
            try await ended
        }
    }

    @Test("Other teams' events are not in a stream", .timeLimit(.minutes(8))) func isolation() async throws {
        try await APIHarness.with { api in
            _ = try await api.startImport()
            let key = try await api.foreignKey()
            let team = try await api.call(.get, "/v1/events?teamId=\(api.account.team.id)", key: key, expecting: 404)
            #expect(try team.errorCode == "TEAM_NOT_FOUND")
            let foreign = try await api.call(.get, "/v1/teams", key: key, expecting: 200).json["items"]?.items?.first?["id"]?.text
            let id = try #require(foreign.flatMap { ID<Team>($0) })
            let events = try await TeamEventStore(pool: api.database.pool).events(
                after: EventCursor(transaction: 0, position: 0), scope: TeamScope(id), limit: 100)
            #expect(events.isEmpty)
        }
    }

    @Test("An event of a transaction that commits late is not passed over", .timeLimit(.minutes(8))) func lateCommit() async throws {
        try await APIHarness.with { api in
            let store = TeamEventStore(pool: api.database.pool)
            let start = EventCursor(transaction: 0, position: 0)
            let team = api.account.team.id
            @Sendable func insert(_ type: String, in transaction: borrowing Transaction) throws(PostgresError) {
                try transaction.execute(
                    """
                    INSERT INTO team_events (id, team_id, event_type, video_id, occurred_at)
                    VALUES (gen_random_uuid(), \(team), \(type), gen_random_uuid(), now())
                    """)
            }
            let (written, mayCommit) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let pool = api.database.pool
            async let slow: Void = pool.transaction { transaction in
                try insert("video_in.started", in: transaction)
                written.signal()
                // The lane of this connection waits, no thread of the pool.
                mayCommit.wait()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    written.wait()
                    continuation.resume()
                }
            }
            try await pool.transaction { try insert("video_in.done", in: $0) }
            let early = try await store.events(after: start, scope: api.scope, limit: 10)
            #expect(early.isEmpty)
            mayCommit.signal()
            try await slow
            // Transactions of other tests in the same cluster may be open still.
            var both: [TeamEventRecord] = []
            while both.count < 2 { both = try await store.events(after: start, scope: api.scope, limit: 10) }
            #expect(both.map(\.type) == [.videoInStarted, .videoInDone])
        }
    }

    @Test("A place that is none is refused", arguments: ["7", "a-b", "1-2-3", "-1-5"]) func malformedPlace(id: String) async throws {
        try await APIHarness.with { api in
            let answer = try await api.send(
                .get, "/v1/events", headers: ["X-API-Key": api.key, "Last-Event-ID": id], expecting: 400)
            #expect(try answer.fields == ["Last-Event-ID"])
        }
    }

    @Test("An empty id is none: the stream begins with what comes, or with what the query names") func emptyPlace() async throws {
        try await APIHarness.with { api in
            let headers: HeaderFields = ["X-API-Key": api.key, "Last-Event-ID": ""]
            try await api.send(.get, "/v1/events", headers: headers, expecting: 200)
            let answer = try await api.send(.get, "/v1/events?lastEventId=7", headers: headers, expecting: 400)
            #expect(try answer.fields == ["Last-Event-ID"])
        }
    }

    // MARK: Dead letter

    private static let failure = #"{"requestedAt":"2026-03-04T12:00:00.000Z","responseTimeMillis":3,"statusCode":500}"#

    /// A webhook with one event that was given up.
    private static func deadLetter(_ api: APIHarness) async throws -> (webhook: String, event: String) {
        let body = JSON.members([
            "name": .string("hook"), "url": .string("https://hooks.example.com/pixop"), "rateLimitPerSecond": .integer(10),
            "maxTotalRetryDelayMinutes": .integer(1), "eventTypes": .array([.string("video_in.done")]), "active": .boolean(true),
        ])
        let webhook = try await api.call(.post, "/v1/webhooks", body, expecting: 201).text("id")
        let event = try await api.call(.post, "/v1/webhooks/\(webhook)/test", expecting: 202).text("id")
        let outbox = EventOutbox(pool: api.database.pool)
        let delivery = try #require(try await outbox.lease(limit: 1, duration: .seconds(30)).first)
        try await outbox.record(
            DeliveryAttempt(response: JSONDocument(Self.failure), outcome: .failed),
            for: delivery)
        return (webhook, event)
    }

    @Test("Events that were given up are listed and can be replayed, one or all") func replay() async throws {
        try await APIHarness.with { api in
            let (webhook, event) = try await Self.deadLetter(api)
            let list = try await api.call(.get, "/v1/webhooks/dead-letters?webhookId=\(webhook)", expecting: 200)
            #expect(try list.json["totalElements"] == .integer(1))
            #expect(try list.json["items"]?.items?.first?["id"]?.text == event)

            let replayed = try await api.call(.post, "/v1/webhooks/events/\(event)/replay", expecting: 202)
            #expect(try replayed.json["successful"] == nil)
            #expect(try await api.call(.get, "/v1/webhooks/dead-letters", expecting: 200).json["totalElements"] == .integer(0))
            try await api.call(.post, "/v1/webhooks/events/\(event)/replay", expecting: 409)

            let outbox = EventOutbox(pool: api.database.pool)
            let delivery = try #require(try await outbox.lease(limit: 1, duration: .seconds(30)).first)
            #expect("\(delivery.event.id)" == event && delivery.event.attemptsBeforeReplay == 1)
            try await outbox.record(DeliveryAttempt(response: JSONDocument(Self.failure), outcome: .failed), for: delivery)

            let none = try await api.call(.post, "/v1/webhooks/\(webhook)/replay?occurredAtUntil=2020-01-01T00:00:00Z", expecting: 202)
            #expect(try none.json["replayed"] == .integer(0))
            let all = try await api.call(.post, "/v1/webhooks/\(webhook)/replay", expecting: 202)
            #expect(try all.json["replayed"] == .integer(1))
        }
    }

    @Test("Nothing is replayed to a webhook that is off, unknown or foreign") func refusals() async throws {
        try await APIHarness.with { api in
            let (webhook, event) = try await Self.deadLetter(api)
            let key = try await api.foreignKey()
            try await api.call(.post, "/v1/webhooks/events/\(event)/replay", key: key, expecting: 404)
            try await api.call(.post, "/v1/webhooks/\(webhook)/replay", key: key, expecting: 404)
            try await api.call(.get, "/v1/webhooks/dead-letters?webhookId=\(webhook)", key: key, expecting: 404)
            #expect(try await api.call(.get, "/v1/webhooks/dead-letters", key: key, expecting: 200).json["totalElements"] == .integer(0))
            try await api.call(.post, "/v1/webhooks/\(webhook)/deactivate", expecting: 200)
            let off = try await api.call(.post, "/v1/webhooks/events/\(event)/replay", expecting: 409)
            #expect(try off.errorCode == "WEBHOOK_NOT_ACTIVE")
            try await api.call(.post, "/v1/webhooks/\(webhook)/replay", expecting: 409)
        }
    }

    @Test("Metrics tell requests by route, and the queue") func metrics() async throws {
        try await APIHarness.with { api in
            _ = try await api.startImport()
            try await api.call(.get, "/v1/videos", expecting: 200)
            for path in ["/metrics", "/api/metrics"] {
                let answer = try await api.send(.get, path, expecting: 200)
                let text = String(decoding: answer.bytes, as: UTF8.self)
                #expect(
                    text.contains(
                        #"remaster_http_request_duration_seconds_count{method="GET",route="/v1/videos",status="200"} 1"#))
                #expect(text.contains(#"remaster_queue_units{kind="import",state="available"} 1"#))
                #expect(text.contains(#"remaster_jobs{kind="import",state="active"} 1"#))
                #expect(text.contains("remaster_queue_oldest_wait_seconds "))
                #expect(text.contains("remaster_queue_units_waiting_for_storage 0"))
                for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
                    let name = line.split(separator: " ")[2]
                    #expect(text.contains("# HELP \(name) "), "\(name) says what it is")
                }
            }
        }
    }
}
