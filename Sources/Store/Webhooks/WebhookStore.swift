package import Domain
package import Postgres
package import Primitives

/// Webhooks of teams, and the events that were sent to them.
package struct WebhookStore: Sendable {
    /// Active webhooks a team may have.
    package static let activeLimit = 10
    /// Test events a team may send in 24 hours.
    package static let testLimit = 1000

    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Throws `.conflict(.activeWebhookLimit)`.
    package func create(_ new: NewWebhook) async throws -> WebhookRecord {
        try await pool.change { transaction in
            try Self.lock(new.team, in: transaction)
            if new.isActive { try Self.checkLimit(of: new.team, in: transaction) }
            return try transaction.one(
                """
                INSERT INTO webhooks AS w (id, team_id, name, description, url, rate_limit_per_second, maximum_retry_delay_minutes,
                    event_types, is_active)
                VALUES (\(ID<Webhook>()), \(new.team), \(new.name), \(new.description), \(new.url), \(new.rateLimitPerSecond),
                    \(new.maximumRetryDelayMinutes), \(new.eventTypes), \(new.isActive))
                RETURNING \(WebhookRecord.columns)
                """)
        }
    }

    package func get(_ id: ID<Webhook>, scope: TeamScope) async throws -> WebhookRecord? {
        try await pool.run { try Self.get(id, scope: scope, on: $0) }
    }

    package func list(scope: TeamScope, team: ID<Team>? = nil, page: PageRequest) async throws -> Page<WebhookRecord> {
        try await pool.run {
            try $0.page(WebhookRecord.columns, TeamRows(of: "webhooks", "w", scope, team: team), alias: "w", page)
        }
    }

    /// Throws `.notFound(.webhook)`.
    package func update(_ id: ID<Webhook>, scope: TeamScope, _ changes: WebhookChanges) async throws -> WebhookRecord {
        try await pool.change { transaction in
            let updated: WebhookRecord? = try transaction.first(
                """
                UPDATE webhooks w SET name = coalesce(\(changes.name), name), description = coalesce(\(changes.description), description),
                    url = coalesce(\(changes.url), url),
                    rate_limit_per_second = coalesce(\(changes.rateLimitPerSecond), rate_limit_per_second),
                    maximum_retry_delay_minutes = coalesce(\(changes.maximumRetryDelayMinutes), maximum_retry_delay_minutes),
                    event_types = coalesce(\(changes.eventTypes), event_types), updated_at = now()
                WHERE w.id = \(id) AND w.team_id = ANY(\(scope.teams)) RETURNING \(WebhookRecord.columns)
                """)
            guard let updated else { throw StoreError.notFound(.webhook) }
            return updated
        }
    }

    /// Switches a webhook on or off; one that already is stays as it is.
    ///
    /// Throws `.notFound(.webhook)`, or `.conflict(.activeWebhookLimit)` when one more would be too many.
    package func setActive(_ id: ID<Webhook>, scope: TeamScope, _ isActive: Bool) async throws -> WebhookRecord {
        try await pool.change { transaction in
            guard let found = try Self.get(id, scope: scope, on: transaction) else { throw StoreError.notFound(.webhook) }
            try Self.lock(found.team, in: transaction)
            // Read again under the lock: it may have been switched, or be gone.
            guard let current = try Self.get(id, scope: scope, on: transaction) else { throw StoreError.notFound(.webhook) }
            if current.isActive == isActive { return current }
            if isActive { try Self.checkLimit(of: current.team, in: transaction) }
            return try transaction.one(
                """
                UPDATE webhooks w SET is_active = \(isActive), updated_at = now() WHERE w.id = \(id)
                RETURNING \(WebhookRecord.columns)
                """)
        }
    }

    /// Deletes a webhook with its events. Throws `.notFound(.webhook)`.
    package func delete(_ id: ID<Webhook>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            let deleted = try transaction.execute("DELETE FROM webhooks WHERE id = \(id) AND team_id = ANY(\(scope.teams))")
            guard deleted == 1 else { throw StoreError.notFound(.webhook) }
        }
    }

    package func event(_ id: ID<WebhookEvent>, scope: TeamScope) async throws -> WebhookEventRecord? {
        try await pool.run {
            try $0.first(
                "SELECT \(WebhookEventRecord.columns) FROM webhook_events e WHERE e.id = \(id) AND e.team_id = ANY(\(scope.teams))")
        }
    }

    package func events(scope: TeamScope, filter: WebhookEventFilter, page: PageRequest) async throws -> Page<WebhookEventRecord> {
        try await pool.run {
            var rows = TeamRows(of: "webhook_events", "e", scope, team: filter.team)
            if let start = filter.occurredFrom { rows += " AND e.occurred_at >= \(start)" }
            if let end = filter.occurredUntil { rows += " AND e.occurred_at < \(end)" }
            rows += filter.successfulMode.clause("e.successful IS TRUE")
            rows += filter.testMode.clause("e.is_test")
            return try $0.page(WebhookEventRecord.columns, rows, alias: "e", page)
        }
    }

    /// Makes a test event for one webhook.
    ///
    /// Throws `.notFound(.webhook)`, or `.conflict` with `.webhookInactive`, `.eventTypeNotSubscribed` or `.testEventLimit`.
    package func test(_ id: ID<Webhook>, scope: TeamScope, video: ID<Video>, type: EventType?) async throws -> WebhookEventRecord {
        try await pool.change { transaction in
            guard let webhook = try Self.get(id, scope: scope, on: transaction) else { throw StoreError.notFound(.webhook) }
            guard webhook.isActive else { throw StoreError.conflict(.webhookInactive) }
            guard let type = type ?? webhook.eventTypes.randomElement(), webhook.eventTypes.contains(type) else {
                throw StoreError.conflict(.eventTypeNotSubscribed)
            }
            try Self.lock(webhook.team, in: transaction)
            let sent =
                try transaction.value(
                    """
                    SELECT count(*) FROM webhook_events
                    WHERE team_id = \(webhook.team) AND is_test AND created_at > now() - interval '24 hours'
                    """, as: Int.self) ?? 0
            guard sent < Self.testLimit else { throw StoreError.conflict(.testEventLimit(Self.testLimit)) }
            let event: WebhookEventRecord = try transaction.one(
                """
                INSERT INTO webhook_events AS e (id, team_id, webhook_id, event_type, video_id, occurred_at, is_test, next_attempt_at)
                VALUES (\(ID<WebhookEvent>()), \(webhook.team), \(id), \(type), \(video), now(), true, now())
                RETURNING \(WebhookEventRecord.columns)
                """)
            try EventOutbox.wakeSenders(in: transaction)
            return event
        }
    }

    private static func get(_ id: ID<Webhook>, scope: TeamScope, on connection: borrowing some Querying & ~Copyable) throws(PostgresError)
        -> WebhookRecord?
    {
        try connection.first("SELECT \(WebhookRecord.columns) FROM webhooks w WHERE w.id = \(id) AND w.team_id = ANY(\(scope.teams))")
    }

    /// Keeps two changes of a team's webhooks from counting the same free place. The key stays unlocked: rows that refer to
    /// the team, such as those of the audit log, do not wait.
    private static func lock(_ team: ID<Team>, in transaction: borrowing Transaction) throws {
        guard try transaction.value("SELECT 1 FROM teams WHERE id = \(team) FOR NO KEY UPDATE", as: Int.self) != nil else {
            throw StoreError.notFound(.team)
        }
    }

    private static func checkLimit(of team: ID<Team>, in transaction: borrowing Transaction) throws {
        let active = try transaction.value("SELECT count(*) FROM webhooks WHERE team_id = \(team) AND is_active", as: Int.self) ?? 0
        guard active < activeLimit else { throw StoreError.conflict(.activeWebhookLimit(activeLimit)) }
    }
}
