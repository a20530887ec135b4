import Domain
package import Postgres
import Primitives

/// Uploads in other people's buckets that nobody will complete: their parts would lie there, and cost, for ever.
package struct AbandonedUploadStore: Sendable {
    /// One upload to be dropped.
    package struct Entry: Hashable, RowDecodable {
        package let id: Int64
        package let bucket: String
        package let objectKey: String
        package let upload: String
        /// Both access keys, encrypted.
        package let sealedCredentials: [UInt8]

        package init(row: inout Row) throws(PostgresError) {
            id = try row.next()
            bucket = try row.next()
            objectKey = try row.next()
            upload = try row.next()
            sealedCredentials = try row.next(Bytea.self).bytes
        }
    }

    /// Rest between two attempts.
    private static let rest: Duration = .seconds(300)
    /// After that the keys are taken for withdrawn, or the bucket for gone.
    private static let patience: Duration = .seconds(7 * 86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Entries whose time has come, the oldest first. They are put off meanwhile, so that several sweepers share the work and
    /// one that dies loses nothing; those that were tried for a week are given up.
    package func take(limit: Int) async throws -> [Entry] {
        try await pool.run { connection in
            try connection.execute("DELETE FROM abandoned_uploads WHERE created_at < now() - make_interval(secs => \(Self.patience))")
            return try connection.query(
                """
                UPDATE abandoned_uploads u SET not_before = now() + make_interval(secs => \(Self.rest))
                FROM (
                    SELECT id FROM abandoned_uploads WHERE not_before <= now() ORDER BY not_before LIMIT \(limit) FOR UPDATE SKIP LOCKED
                ) due
                WHERE u.id = due.id RETURNING u.id, u.bucket, u.object_key, u.upload_id, u.sealed_credentials
                """)
        }
    }

    /// The upload of an entry is gone.
    package func remove(_ entry: Entry) async throws {
        try await pool.run { try $0.execute("DELETE FROM abandoned_uploads WHERE id = \(entry.id)") }
    }

    /// Hands the uploads of these videos' exports to the sweep, with the caller's transaction.
    static func add(
        of videos: [ID<Video>], after delay: Duration = .zero, in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO abandoned_uploads (not_before, bucket, object_key, upload_id, sealed_credentials)
            SELECT now() + make_interval(secs => \(delay)), bucket, object_key, upload_id, sealed_credentials FROM exports
            WHERE video_id = ANY(\(videos)) AND upload_id IS NOT NULL
            """)
    }
}
