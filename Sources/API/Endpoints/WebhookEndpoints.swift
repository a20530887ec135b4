import Domain
import Events
import FoundationEssentials
import HTTP
import Primitives
import Store

/// Webhooks, the events sent to them, and the keys they are signed with.
struct WebhookEndpoints: Sendable {
    let webhooks: WebhookStore
    let keys: SigningKeyStore
    let policy: OutgoingURLPolicy

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/webhooks", create)
        try routes.keyed(.get, "/v1/webhooks", list)
        try routes.keyed(.get, "/v1/webhooks/{id}", get)
        try routes.keyed(.patch, "/v1/webhooks/{id}", update)
        try routes.keyed(.delete, "/v1/webhooks/{id}", delete)
        try routes.keyed(.post, "/v1/webhooks/{id}/activate") { try await setActive($0, $1, true) }
        try routes.keyed(.post, "/v1/webhooks/{id}/deactivate") { try await setActive($0, $1, false) }
        try routes.keyed(.post, "/v1/webhooks/{id}/test", test)
        try routes.keyed(.get, "/v1/webhooks/events", events)
        try routes.keyed(.get, "/v1/webhooks/events/{id}", event)
        try routes.keyed(.get, "/v1/webhooks/public-keys", publicKeys)
        try routes.keyed(.get, "/v1/webhooks/public-keys/{id}", publicKey)
    }

    // MARK: Webhooks

    /// What bodies of creation and change say; each member nil when absent.
    private struct Wish {
        static let members = ["name", "description", "url", "rateLimitPerSecond", "maxTotalRetryDelayMinutes", "eventTypes"]

        var changes = WebhookChanges()

        init(_ reader: ObjectReader, _ policy: OutgoingURLPolicy) {
            changes.name = reader.text("name", length: 1...47)
            changes.description = reader.text("description", length: 1...255)
            changes.url = reader.text("url", length: 1...4096)
            changes.rateLimitPerSecond = reader.integer("rateLimitPerSecond", in: 1...1000).map { Int($0) }
            changes.maximumRetryDelayMinutes = reader.integer("maxTotalRetryDelayMinutes", in: 0...1440).map { Int($0) }
            changes.eventTypes = reader.list("eventTypes", count: 1...22) { item, path in
                if let type = item.text.flatMap({ EventType(rawValue: $0) }) { return type }
                let known = EventType.allCases.map(\.rawValue).joined(separator: ", ")
                reader.problems.add(Problem(field: path, actual: item.shortText, "must be one of \(known)"))
                return nil
            }.map(Self.withoutRepeats)
            guard let url = changes.url else { return }
            do throws(URLRefusal) {
                _ = try policy.check(url)
            } catch {
                reader.problems.add(Problem(.url, field: reader.path("url"), actual: url, "is not allowed: \(error.message)"))
            }
        }

        private static func withoutRepeats(_ types: [EventType]) -> [EventType] {
            types.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
    }

    @Sendable private func create(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let selected = QueryReader(request, known: ["selectTeamId"], problems: problems).id("selectTeamId", of: Team.self)
        let reader = ObjectReader(try request.requiredJSON(), known: Wish.members + ["active"], problems: problems)
        for name in ["name", "url", "rateLimitPerSecond", "maxTotalRetryDelayMinutes", "eventTypes"] { reader.require(name) }
        let changes = Wish(reader, policy).changes
        let isActive = reader.requiredBoolean("active")
        try problems.check()
        let webhook = try await webhooks.create(
            NewWebhook(
                team: try caller.team(selected: selected), name: changes.name ?? "", description: changes.description,
                url: changes.url ?? "", rateLimitPerSecond: changes.rateLimitPerSecond ?? 10,
                maximumRetryDelayMinutes: changes.maximumRetryDelayMinutes ?? 180, eventTypes: changes.eventTypes ?? [],
                isActive: isActive))
        return .json(.created, webhook.json)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team) = try request.reading(known: PageQuery.parameters + ["teamId"]) { ($0.page(), $0.id("teamId", of: Team.self)) }
        return .json(.ok, try await webhooks.list(scope: caller.scope, team: try caller.filter(team: team), page: page).json(\.json))
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let webhook = try await webhooks.get(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.webhook)
        }
        return .json(.ok, webhook.json)
    }

    @Sendable private func update(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Webhook> = try request.parameters.value("id")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: Wish.members, problems: problems)
        let changes = Wish(reader, policy).changes
        try problems.check()
        return .json(.ok, try await webhooks.update(id, scope: caller.scope, changes).json)
    }

    private func setActive(_ request: HTTPRequest, _ caller: APIKeyStore.Caller, _ isActive: Bool) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(.ok, try await webhooks.setActive(try request.parameters.value("id"), scope: caller.scope, isActive).json)
    }

    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await webhooks.delete(try request.parameters.value("id"), scope: caller.scope)
        return .empty
    }

    @Sendable private func test(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (video, type) = try request.reading(known: ["videoId", "eventType"]) {
            ($0.id("videoId", of: Video.self), $0.choice("eventType", of: EventType.self))
        }
        let event = try await webhooks.test(
            try request.parameters.value("id"), scope: caller.scope, video: video ?? ID(), type: type)
        return .json(.accepted, event.answer)
    }

    // MARK: Events

    @Sendable private func events(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let known = PageQuery.parameters + ["teamId", "successfulMode", "testMode", "occurredAtFrom", "occurredAtUntil"]
        let (page, filter) = try request.reading(known: known) { query in
            (
                query.page(),
                WebhookEventFilter(
                    team: query.id("teamId", of: Team.self), successfulMode: query.filterMode("successfulMode"),
                    testMode: query.filterMode("testMode"), occurredFrom: query.timestamp("occurredAtFrom"),
                    occurredUntil: query.timestamp("occurredAtUntil"))
            )
        }
        _ = try caller.filter(team: filter.team)
        return .json(.ok, try await webhooks.events(scope: caller.scope, filter: filter, page: page).json { $0.answer })
    }

    @Sendable private func event(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let event = try await webhooks.event(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.webhookEvent)
        }
        return .json(.ok, event.answer)
    }

    // MARK: Public keys

    @Sendable private func publicKeys(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(.ok, .array(try await keys.published().map(\.json)))
    }

    @Sendable private func publicKey(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let key = try await keys.get(try request.parameters.value("id")) else { throw APIError.notFound(.signingKey) }
        return .json(.ok, key.json)
    }
}
