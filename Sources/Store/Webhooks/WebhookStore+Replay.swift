package import Domain
package import FoundationEssentials
import Postgres
package import Primitives

/// Which dead letters are meant: events that were given up.
package struct DeadLetterFilter: Sendable {
    package var team: ID<Team>?
    package var webhook: ID<Webhook>?
    /// Inclusive.
    package var occurredFrom: Date?
    /// Exclusive.
    package var occurredUntil: Date?

    package init(team: ID<Team>? = nil, webhook: ID<Webhook>? = nil, occurredFrom: Date? = nil, occurredUntil: Date? = nil) {
        self.team = team
        self.webhook = webhook
        self.occurredFrom = occurredFrom
        self.occurredUntil = occurredUntil
    }

    /// Conditions to go after others, but that of the team.
    var clause: SQL {
        var clause: SQL = " AND e.successful IS FALSE"
        if let webhook { clause += " AND e.webhook_id = \(webhook)" }
        if let occurredFrom { clause += " AND e.occurred_at >= \(occurredFrom)" }
        if let occurredUntil { clause += " AND e.occurred_at < \(occurredUntil)" }
        return clause
    }
}

/// The dead letter of webhooks, and delivering again.
extension WebhookStore {
    /// Events that were given up.
    package func deadLetters(scope: TeamScope, filter: DeadLetterFilter, page: PageRequest) async throws -> Page<WebhookEventRecord> {
        try await pool.run {
            var rows = TeamRows(of: "webhook_events", "e", scope, team: filter.team)
            rows += filter.clause
            return try $0.page(WebhookEventRecord.columns, rows, alias: "e", page)
        }
    }

    /// Delivers a decided event once more, however it was decided; the time for retries begins anew.
    ///
    /// Throws `.notFound(.webhookEvent)`, or `.conflict` with `.eventUndecided` or `.webhookInactive`.
    package func replay(_ id: ID<WebhookEvent>, scope: TeamScope) async throws -> WebhookEventRecord {
        try await pool.change { transaction in
            let state: ReplayState? = try transaction.first(
                """
                SELECT e.successful, w.is_active FROM webhook_events e JOIN webhooks w ON w.id = e.webhook_id
                WHERE e.id = \(id) AND e.team_id = ANY(\(scope.teams)) FOR UPDATE OF e
                """)
            guard let state else { throw StoreError.notFound(.webhookEvent) }
            guard state.isDecided else { throw StoreError.conflict(.eventUndecided) }
            guard state.isActive else { throw StoreError.conflict(.webhookInactive) }
            let event: WebhookEventRecord = try transaction.one(
                "UPDATE webhook_events e SET " + Self.replayed + " WHERE e.id = \(id) RETURNING \(WebhookEventRecord.columns)")
            try EventOutbox.wakeSenders(in: transaction)
            return event
        }
    }

    /// Delivers the dead letters of one webhook again; returns how many there were.
    ///
    /// Throws `.notFound(.webhook)`, or `.conflict(.webhookInactive)`.
    package func replayDeadLetters(
        of id: ID<Webhook>, scope: TeamScope, occurredFrom: Date?, occurredUntil: Date?
    ) async throws -> Int {
        try await pool.change { transaction in
            let isActive = try transaction.value(
                "SELECT is_active FROM webhooks WHERE id = \(id) AND team_id = ANY(\(scope.teams)) FOR SHARE", as: Bool.self)
            guard let isActive else { throw StoreError.notFound(.webhook) }
            guard isActive else { throw StoreError.conflict(.webhookInactive) }
            let filter = DeadLetterFilter(webhook: id, occurredFrom: occurredFrom, occurredUntil: occurredUntil)
            let ofTeams: SQL = " WHERE e.team_id = ANY(\(scope.teams))"
            let count = try transaction.execute("UPDATE webhook_events e SET " + Self.replayed + ofTeams + filter.clause)
            if count > 0 { try EventOutbox.wakeSenders(in: transaction) }
            return count
        }
    }

    private static var replayed: SQL {
        """
        successful = NULL, next_attempt_at = now(), replayed_at = clock_timestamp(), attempts_before_replay = attempt_count,
            updated_at = now()
        """
    }

    private struct ReplayState: RowDecodable {
        let isDecided: Bool
        let isActive: Bool

        init(row: inout Row) throws(PostgresError) {
            isDecided = try row.next(Bool?.self) != nil
            isActive = try row.next()
        }
    }
}
