package import Postgres
package import Primitives

/// Objects that no row speaks of any more, to be removed from storage.
package struct GarbageStore: Sendable {
    /// One entry: every object whose key is `prefix` or lies below it.
    package struct Entry: Hashable, RowDecodable {
        package let id: Int64
        package let prefix: ObjectKey

        package init(row: inout Row) throws(PostgresError) {
            id = try row.next()
            prefix = try row.next()
        }
    }

    /// A worker that was told to stop may still write for a moment: longer than a lease lives.
    static let delay: Duration = .seconds(60)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Entries whose time has come, the oldest first. They are put off by a minute meanwhile, so that several sweepers
    /// share the work and one that dies loses nothing.
    package func take(limit: Int) async throws -> [Entry] {
        try await pool.run {
            try $0.query(
                """
                UPDATE garbage g SET not_before = now() + make_interval(secs => \(Self.delay))
                FROM (SELECT id FROM garbage WHERE not_before <= now() ORDER BY not_before LIMIT \(limit) FOR UPDATE SKIP LOCKED) due
                WHERE g.id = due.id RETURNING g.id, g.prefix
                """)
        }
    }

    /// The objects of an entry are gone.
    package func remove(_ entry: Entry) async throws {
        try await pool.run { try $0.execute("DELETE FROM garbage WHERE id = \(entry.id)") }
    }

    /// Hands the objects at and below `prefix` to the sweep, with the caller's transaction.
    package static func add(prefix: String, after delay: Duration = delay, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute(
            "INSERT INTO garbage (prefix, not_before) VALUES (\(prefix), now() + make_interval(secs => \(delay)))")
    }
}
