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

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Puts events that a backup brought before all others, in the order of their positions; returns how many. Call it before
    /// anyone reads.
    ///
    /// Their transactions were counted by the server that the backup was made of, and its numbers say nothing here: they may not
    /// come for years, or stand among today's. A row that was written here carries the number of its own transaction as its system
    /// column `xmin`, in 32 bits; one that was restored carries that of the restoring one. So it does not matter who writes
    /// meanwhile. Events are not written below a savepoint, which would have a number of its own.
    package func adoptRestored() async throws -> Int {
        var (count, moved) = (0, 0)
        repeat {
            moved = try await pool.run {
                try $0.execute(
                    """
                    UPDATE team_events SET transaction = 0 WHERE id IN (
                        SELECT e.id FROM team_events e
                        WHERE e.transaction <> 0 AND e.transaction & 4294967295 <> e.xmin::text::bigint LIMIT \(Self.batch))
                    """)
            }
            count += moved
        } while moved == Self.batch
        return count
    }

    /// Restored events that are moved in one statement, which has its limit of time.
    private static let batch = 20_000

    /// The place that an id stands for which a reader was given before.
    ///
    /// Where its event is there, that is the cursor itself. Else the event is older than `retention`, or the database was restored from
    /// a backup since: only the position counts then, which a restored database counts on, and the reader gets what was restored
    /// behind it and everything written after. It may have had some of that before, and misses nothing.
    package func place(of cursor: EventCursor, scope: TeamScope) async throws -> EventCursor {
        let isThere = try await pool.run {
            try $0.value(
                """
                SELECT EXISTS (
                    SELECT 1 FROM team_events e WHERE e.team_id = ANY(\(scope.teams))
                        AND e.transaction = \(cursor.transaction) AND e.position = \(cursor.position))
                """, as: Bool.self)
        }
        return isThere == true ? cursor : EventCursor(transaction: 0, position: cursor.position)
    }

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
