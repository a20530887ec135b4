package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// The audit log. A change that a request asks for is written down before it is tried, so that none can be missing, and
/// completed or taken back afterwards.
package struct AuditStore: Sendable {
    /// Entries are kept for two years.
    package static let retention: Duration = .seconds(730 * 86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Writes a change down that is about to be tried.
    package func begin(_ change: RequestedChange) async throws {
        try await pool.run {
            try $0.execute(
                """
                INSERT INTO audit_log (id, team_id, actor, user_id, api_key_id, request_id, remote_address, operation, path, subjects)
                VALUES (\(change.id), coalesce(\(Self.team(of: change.subjects, in: change.teams)), \(change.teams.first)), 'USER',
                    \(change.user), \(change.key), \(change.request), \(change.remoteAddress), \(change.operation), \(change.path),
                    \(change.subjects))
                """)
        }
    }

    /// The change was made, or its outcome is unknown.
    ///
    /// - Parameter made: ids of what came of it.
    package func complete(_ change: RequestedChange, status: Int, made: [UUID]) async throws {
        let more = made.filter { !change.subjects.contains($0) }
        try await pool.run {
            try $0.execute(
                """
                UPDATE audit_log SET status = \(status), updated_at = clock_timestamp(), subjects = \(change.subjects + more),
                    team_id = coalesce(\(Self.team(of: more, in: change.teams)), team_id)
                WHERE id = \(change.id)
                """)
        }
    }

    /// The change was refused: nothing happened.
    package func discard(_ change: RequestedChange) async throws {
        try await pool.run { try $0.execute("DELETE FROM audit_log WHERE id = \(change.id)") }
    }

    /// Notes a change by the operator.
    ///
    /// - Parameters:
    ///   - team: the team it is about; nil for one that concerns the user alone.
    ///   - user: whom it is about.
    package func record(operatorCommand: String, team: ID<Team>?, user: ID<User>? = nil) async throws {
        try await pool.transaction {
            try Self.record(.operator, operatorCommand, team: team, user: user, in: $0)
        }
    }

    /// Entries about these teams, and those that concern the user alone.
    ///
    /// - Parameters:
    ///   - team: keeps the entries of one team of the scope.
    ///   - from: inclusive.
    ///   - until: exclusive.
    package func list(
        scope: TeamScope, user: ID<User>, team: ID<Team>? = nil, from: Date? = nil, until: Date? = nil, page: PageRequest
    ) async throws -> Page<AuditRecord> {
        try await pool.run {
            var condition: SQL =
                if let team { "FROM audit_log a WHERE a.team_id = \(team) AND a.team_id = ANY(\(scope.teams))" } else {
                    "FROM audit_log a WHERE (a.team_id = ANY(\(scope.teams)) OR (a.team_id IS NULL AND a.user_id = \(user)))"
                }
            if let from { condition += " AND a.created_at >= \(from)" }
            if let until { condition += " AND a.created_at < \(until)" }
            return try $0.page(AuditRecord.columns, condition, alias: "a", page)
        }
    }

    /// Forgets what is older than the retention; returns how many entries.
    package func prune() async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM audit_log WHERE created_at < now() - make_interval(secs => \(Self.retention))")
        }
    }

    /// Notes a change that no request has asked for.
    static func record(
        _ actor: AuditActor, _ operation: String, team: ID<Team>?, user: ID<User>?, subjects: [UUID] = [],
        in transaction: borrowing some Querying & ~Copyable
    ) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO audit_log (id, team_id, actor, user_id, operation, subjects)
            VALUES (\(ID<AuditEntry>()), \(team), \(actor), \(user), \(operation), \(subjects))
            """)
    }

    /// Tables whose rows belong to a team.
    private static let tables = [
        "videos", "projects", "webhooks", "webhook_events", "processing_configurations", "s3_locations", "appraisals",
    ]

    /// The team of these rows, if it is one of `teams`; null for none.
    private static func team(of ids: [UUID], in teams: [ID<Team>]) -> SQL {
        guard !ids.isEmpty, !teams.isEmpty else { return "NULL::uuid" }
        let choices = tables.map { table -> SQL in
            "(SELECT team_id FROM \(unescaped: table) WHERE id = ANY(\(ids)) AND team_id = ANY(\(teams)) LIMIT 1)"
        }
        return "coalesce(" + choices.dropFirst().reduce(choices[0]) { $0 + ", " + $1 } + ")"
    }
}
