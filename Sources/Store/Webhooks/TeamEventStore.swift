package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// Where a reader of events stands: the transaction of the last event it has, and the event's place among all.
///
/// Cursors are ordered as events become visible, which their times are not.
package struct EventCursor: Hashable, Sendable, CustomStringConvertible {
    /// As the database's server counts them; 0 for events that a backup brought (`TeamEventStore.adoptRestored`).
    package let transaction: Int64
    package let position: Int64

    package init(transaction: Int64, position: Int64) {
        self.transaction = transaction
        self.position = position
    }

    /// Reads `description` back; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let transaction = Int64(parts[0]), let position = Int64(parts[1]), transaction >= 0, position >= 0 else {
            return nil
        }
        self.init(transaction: transaction, position: position)
    }

    package var description: String { "\(transaction)-\(position)" }
}

/// One event of a team.
package struct TeamEventRecord: Hashable, RowDecodable {
    package let id: UUID
    package let team: ID<Team>
    package let type: EventType
    package let video: ID<Video>
    package let occurredAt: Date
    package let cursor: EventCursor

    static let columns: SQL = "e.id, e.team_id, e.event_type, e.video_id, e.occurred_at, e.transaction, e.position"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        team = try row.next()
        type = try row.next()
        video = try row.next()
        occurredAt = try row.next()
        cursor = EventCursor(transaction: try row.next(), position: try row.next())
    }
}

/// Every event of teams, to be followed from any place.
package struct TeamEventStore: Sendable {
    /// How long events can be read.
    package static let retention: Duration = .seconds(7 * 86_400)

    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// The place after all that can be read now.
    package func end() async throws -> EventCursor {
        let transaction = try await pool.run {
            try $0.value("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", as: Int64.self)
        }
        return EventCursor(transaction: max(0, (transaction ?? 1) - 1), position: .max)
    }

    /// Up to `limit` events after a place, in the order of cursors. Events of transactions younger than one that is still
    /// open wait for it: nothing that shows up later comes before what was read.
    package func events(after cursor: EventCursor, scope: TeamScope, limit: Int) async throws -> [TeamEventRecord] {
        try await pool.run {
            try $0.query(
                """
                SELECT \(TeamEventRecord.columns) FROM team_events e
                WHERE e.team_id = ANY(\(scope.teams))
                    AND (e.transaction, e.position) > (\(cursor.transaction), \(cursor.position))
                    AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                ORDER BY e.transaction, e.position LIMIT \(limit)
                """)
        }
    }

    /// Forgets events older than `retention`; returns how many.
    package func prune() async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM team_events WHERE occurred_at < now() - make_interval(secs => \(Self.retention))")
        }
    }
}
