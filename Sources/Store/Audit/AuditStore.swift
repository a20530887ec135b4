package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// The audit log. The entry of a change that a request asks for is written in the change's own transaction (`RequestScope`),
/// and completed with the answer's status afterwards.
package struct AuditStore: Sendable {
    /// Entries are kept for two years.
    package static let retention: Duration = .seconds(730 * 86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// What was asked for was done; an entry that no transaction has written, because no row was changed, is written now.
    ///
    /// - Parameter made: ids of what came of it.
    package func complete(_ change: RequestedChange, status: Int, made: [UUID]) async throws {
        try await pool.transaction { transaction in
            try Self.write(change, in: transaction)
            try Self.note(made, of: change, in: transaction)
            try Self.setStatus(status, of: change, in: transaction)
        }
    }

    /// The request was refused or failed: if it has changed something before, its entry says so.
    package func fail(_ change: RequestedChange, status: Int) async throws {
        try await pool.transaction { try Self.setStatus(status, of: change, in: $0) }
    }

    /// Writes an entry without a status; once, however many transactions a request takes.
    static func write(_ change: RequestedChange, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO audit_log (id, team_id, actor, user_id, api_key_id, request_id, remote_address, operation, path, subjects)
            VALUES (\(change.id), coalesce(\(team(of: change.subjects, in: change.teams)), \(change.teams.first)), 'USER',
                \(change.user), \(change.key), \(change.request), \(change.remoteAddress), \(change.operation), \(change.path),
                \(change.subjects))
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// Adds what came of a change to its entry: its ids, and their team.
    static func note(_ made: [UUID], of change: RequestedChange, in transaction: borrowing Transaction) throws(PostgresError) {
        let more = made.filter { !change.subjects.contains($0) }
        guard !more.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE audit_log SET subjects = subjects || (
                    SELECT coalesce(array_agg(id ORDER BY place), '{}') FROM unnest(\(more)) WITH ORDINALITY m (id, place)
                    WHERE id <> ALL(subjects)),
                team_id = coalesce(\(team(of: more, in: change.teams)), team_id)
            WHERE id = \(change.id)
            """)
    }

    private static func setStatus(_ status: Int, of change: RequestedChange, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("UPDATE audit_log SET status = \(status), updated_at = clock_timestamp() WHERE id = \(change.id)")
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
            let own: [SQL] = team == nil ? ["a.team_id IS NULL AND a.user_id = \(user)"] : []
            var rows = TeamRows(of: "audit_log", "a", scope, team: team, or: own)
            if let from { rows += " AND a.created_at >= \(from)" }
            if let until { rows += " AND a.created_at < \(until)" }
            return try $0.page(AuditRecord.columns, rows, alias: "a", page)
        }
    }

    /// Forgets what is older than the retention; returns how many entries.
    package func prune() async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM audit_log WHERE created_at < now() - make_interval(secs => \(Self.retention))")
        }
    }

    /// Notes a change that no request has asked for, in the change's own transaction.
    ///
    /// - Parameters:
    ///   - team: the team it is about; nil for one that concerns the user alone.
    ///   - user: whom it is about.
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
