import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store
import Synchronization

/// The events of the caller's teams as server-sent events (WHATWG HTML §9.2), from any place of the last seven days on.
struct EventStreamEndpoints: Sendable {
    let events: TeamEventStore
    let webhooks: WebhookStore
    let keys: APIKeyStore
    /// How often the database is asked.
    var pollInterval: Duration = .seconds(1)
    /// How often an open stream's key is looked at again.
    var accessInterval: Duration = .seconds(5)
    private let open = OpenStreams()

    init(events: TeamEventStore, webhooks: WebhookStore, keys: APIKeyStore) {
        self.events = events
        self.webhooks = webhooks
        self.keys = keys
    }

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/events", stream)
        try routes.keyed(.get, "/v1/webhooks/dead-letters", deadLetters)
        try routes.keyed(.post, "/v1/webhooks/events/{id}/replay", replay)
        try routes.keyed(.post, "/v1/webhooks/{id}/replay", replayAll)
    }

    // MARK: Stream

    @Sendable private func stream(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (team, lastID) = try request.reading(known: ["teamId", "lastEventId"]) { query in
            (query.id("teamId", of: Team.self), query.text("lastEventId", length: 1...64))
        }
        _ = try caller.filter(team: team)
        // An empty id is the one before any event (WHATWG HTML §9.2.6): a client that has none may say so.
        let resumed = request.headers["Last-Event-ID"].flatMap { $0.isEmpty ? nil : $0 }
        let start: EventCursor
        if let text = resumed ?? lastID {
            guard let given = EventCursor(text) else {
                throw APIError(
                    ValidationFailure(problems: [
                        Problem(field: "Last-Event-ID", actual: text, "must be the id of an event of this stream, such as 742-19")
                    ]))
            }
            start = try await events.place(of: given, scope: caller.scope)
        } else {
            start = try await events.end()
        }
        guard open.hasRoom(for: caller.user) else {
            throw APIError(
                .tooManyRequests, .tooManyRequests, "A user can have \(OpenStreams.limit) event streams open; close one first.",
                headers: [.retryAfter: "1"])
        }
        return HTTPResponse(
            .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", "X-Accel-Buffering": "no"],
            body: .stream(
                ResponseStream(onDrain: .cancel) { writer in
                    // Counted here and not above: a stream that is never begun, as for HEAD, must not take a place.
                    open.enter(caller.user)
                    defer { open.leave(caller.user) }
                    try await follow(from: start, caller, team) { try await writer.write(Array($0.utf8)) }
                }))
    }

    /// Writes events as they come, and a comment every 15 s, so that neither side takes the silence for a lost connection. Ends
    /// when the key opens nothing any more, and follows the teams that it opens.
    private func follow(
        from start: EventCursor, _ caller: APIKeyStore.Caller, _ team: ID<Team>?, _ write: (String) async throws -> Void
    ) async throws {
        var (cursor, teams) = (start, caller.teams)
        try await write("retry: 2000\n\n")
        var silence: Duration = .zero
        var checked = ContinuousClock.now
        while true {
            if checked.duration(to: .now) >= accessInterval {
                guard let current = try await keys.teams(of: caller.key) else { return }
                (teams, checked) = (current, .now)
            }
            let scope = TeamScope(teams: team.map { wanted in teams.filter { $0 == wanted } } ?? teams)
            let batch = try await events.events(after: cursor, scope: scope, limit: 100)
            if let last = batch.last {
                cursor = last.cursor
                try await write(batch.map(Self.frame).joined())
                silence = .zero
                continue
            }
            try await Task.sleep(for: pollInterval)
            silence += pollInterval
            if silence >= .seconds(15) {
                try await write(": still here\n\n")
                silence = .zero
            }
        }
    }

    private static func frame(_ event: TeamEventRecord) -> String {
        let data = JSON.members([
            "id": .string(event.id.uuidString.lowercased()), "eventType": .string(event.type.rawValue),
            "occurredAt": .timestamp(event.occurredAt), "teamId": event.team.json,
            "data": .members(["type": .string("VIDEO"), "videoId": event.video.json]),
        ])
        return "id: \(event.cursor)\nevent: \(event.type.rawValue)\ndata: \(data.description)\n\n"
    }

    /// Streams open at once, by user.
    private final class OpenStreams: Sendable {
        static let limit = 10
        private let counts = Mutex<[ID<User>: Int]>([:])

        func hasRoom(for user: ID<User>) -> Bool { counts.withLock { $0[user, default: 0] < Self.limit } }

        func enter(_ user: ID<User>) { counts.withLock { $0[user, default: 0] += 1 } }

        func leave(_ user: ID<User>) {
            counts.withLock { counts in
                counts[user, default: 1] -= 1
                if counts[user] == 0 { counts[user] = nil }
            }
        }
    }

    // MARK: Dead letter

    @Sendable private func deadLetters(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let known = PageQuery.parameters + ["teamId", "webhookId", "occurredAtFrom", "occurredAtUntil"]
        let (page, filter) = try request.reading(known: known) { query in
            (
                query.page(),
                DeadLetterFilter(
                    team: query.id("teamId", of: Team.self), webhook: query.id("webhookId", of: Webhook.self),
                    occurredFrom: query.timestamp("occurredAtFrom"), occurredUntil: query.timestamp("occurredAtUntil"))
            )
        }
        _ = try caller.filter(team: filter.team)
        if let webhook = filter.webhook, try await webhooks.get(webhook, scope: caller.scope) == nil { throw APIError.notFound(.webhook) }
        return .json(.ok, try await webhooks.deadLetters(scope: caller.scope, filter: filter, page: page).json { $0.answer })
    }

    @Sendable private func replay(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let event = try await webhooks.replay(try request.parameters.value("id"), scope: caller.scope)
        return .json(.accepted, event.answer)
    }

    @Sendable private func replayAll(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Webhook> = try request.parameters.value("id")
        let (from, until) = try request.reading(known: ["occurredAtFrom", "occurredAtUntil"]) {
            ($0.timestamp("occurredAtFrom"), $0.timestamp("occurredAtUntil"))
        }
        let count = try await webhooks.replayDeadLetters(of: id, scope: caller.scope, occurredFrom: from, occurredUntil: until)
        return .json(.accepted, .members(["replayed": .integer(Int64(count))]))
    }
}
