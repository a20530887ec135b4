import Postgres

/// Events of a database that was restored from a backup, whose transactions were counted by another server.
extension TeamEventStore {
    /// Puts events that a backup brought before all others, in the order of their positions; returns how many. Call it before
    /// anyone reads. Reads one row where the database is no restored one.
    ///
    /// Their transactions were counted by the server that the backup was made of, and its numbers say nothing here: they may not
    /// come for years, or stand among today's. The table `event_numbering` says whose they are, and travels with the backup.
    ///
    /// A row that was written here carries the number of its own transaction as its system column `xmin`, in 32 bits; one that was
    /// restored carries that of the restoring one. So it does not matter who writes meanwhile. Events are not written below a
    /// savepoint, which would have a number of its own.
    package func adoptRestored() async throws -> Int {
        let isRestored = try await pool.run {
            try $0.value("SELECT n.cluster <> \(Self.cluster) FROM event_numbering n", as: Bool.self)
        }
        guard isRestored != false else { return 0 }
        // All in one transaction: a process that ends leaves the mark for the next one, and one that waits for the row's lock finds
        // the work done. Both may take longer than other statements are allowed to.
        return try await pool.transaction { transaction in
            try transaction.run(unescapedScript: "SET LOCAL statement_timeout = '6h'")
            guard
                try transaction.value(
                    "SELECT n.cluster <> \(Self.cluster) FROM event_numbering n FOR UPDATE", as: Bool.self) != false
            else { return 0 }
            let count = try transaction.execute(
                """
                UPDATE team_events SET transaction = 0
                WHERE transaction <> 0 AND transaction & 4294967295 <> xmin::text::bigint
                """)
            try transaction.execute(
                """
                INSERT INTO event_numbering (cluster, restored_at) VALUES (\(Self.cluster), now())
                ON CONFLICT (is_only) DO UPDATE SET cluster = excluded.cluster, restored_at = excluded.restored_at
                """)
            return count
        }
    }

    /// The cluster of the server that is asked, as in `event_numbering` and its migration.
    private static let cluster: SQL = """
        (SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c)
        """

    /// The place that an id stands for which a reader was given before.
    ///
    /// On a database that never was restored that is the cursor itself, and on a restored one too where its event is there. Else
    /// the id may be the old server's, whose transaction says nothing here, as does one that this server has not come to. The
    /// reader had its events in the order of transactions then, and has them in that of positions now. These differ within the
    /// time that a transaction lasts, which is far below `longestTransaction`: by so much the place lies before the position, and
    /// everything written since the restoration comes. The reader may have had some of that before, and misses nothing.
    package func place(of cursor: EventCursor, scope: TeamScope) async throws -> EventCursor {
        // What was restored has stood at 0 from the first, and comes in the order of positions.
        guard cursor.transaction > 0 else { return cursor }
        let position = try await pool.run {
            try $0.value(
                """
                SELECT coalesce((
                    SELECT max(o.position) FROM team_events o
                    WHERE o.team_id = ANY(\(scope.teams)) AND o.transaction = 0 AND o.position < \(cursor.position)
                        AND o.occurred_at < (
                            SELECT l.occurred_at FROM team_events l
                            WHERE l.team_id = ANY(\(scope.teams)) AND l.transaction = 0 AND l.position <= \(cursor.position)
                            ORDER BY l.position DESC LIMIT 1) - make_interval(secs => \(Self.longestTransaction))
                ), 0)
                WHERE (EXISTS (SELECT FROM event_numbering n WHERE n.restored_at IS NOT NULL)
                        OR \(cursor.transaction) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
                    AND NOT EXISTS (
                        SELECT FROM team_events e WHERE e.team_id = ANY(\(scope.teams))
                            AND e.transaction = \(cursor.transaction) AND e.position = \(cursor.position))
                """, as: Int64.self)
        }
        return position.map { EventCursor(transaction: 0, position: $0) } ?? cursor
    }

    /// Longer than any transaction that writes events: a statement is ended after 30 s, and a pause between two after 15 s.
    private static let longestTransaction: Duration = .seconds(3600)
}
