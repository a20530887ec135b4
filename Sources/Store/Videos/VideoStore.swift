package import Domain
package import Postgres
package import Primitives

/// Videos of teams.
package struct VideoStore: Sendable {
    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    package func get(_ id: ID<Video>, scope: TeamScope) async throws -> VideoRecord? {
        try await pool.readFirst(Self.oneInTeams.with(id, scope.teams))
    }

    /// The video, whoever asks: for workers, which act for no user.
    package func getUnscoped(_ id: ID<Video>) async throws -> VideoRecord? {
        try await pool.run { try $0.first("SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = \(id)") }
    }

    /// The stored file of a video, whoever asks: for links that carry their own permission. Nil for no such video or file.
    package func finishedFile(of id: ID<Video>) async throws -> StoredFile? {
        try await getUnscoped(id)?.file
    }

    /// Changes what is given; nil leaves as it is. Throws `.notFound(.video)`.
    package func update(_ id: ID<Video>, scope: TeamScope, name: String?, description: String?) async throws -> VideoRecord {
        try await pool.change { transaction in
            let changed = try transaction.execute(
                """
                UPDATE videos SET name = coalesce(\(name), name), description = coalesce(\(description), description),
                    updated_at = now()
                WHERE id = \(id) AND team_id = ANY(\(scope.teams))
                """)
            guard changed == 1, let updated = try Self.get(id, scope: scope, on: transaction) else { throw StoreError.notFound(.video) }
            return updated
        }
    }

    /// Deletes a video with everything made from it, in one transaction with its `video.deleted` events: jobs under way end,
    /// their workers are told, and the objects are handed to the sweep.
    ///
    /// - Parameter expecting: ids of derived videos that may go; nil for any. Others make `.conflict(.unexpectedDerived)`,
    ///   and nothing is deleted.
    /// - Returns: the ids deleted, the video's own first.
    package func delete(_ id: ID<Video>, scope: TeamScope, expecting: [ID<Video>]? = nil) async throws -> [ID<Video>] {
        try await pool.change { transaction in
            guard
                let team = try transaction.value(
                    "SELECT team_id FROM videos WHERE id = \(id) AND team_id = ANY(\(scope.teams)) FOR UPDATE", as: ID<Team>.self)
            else { throw StoreError.notFound(.video) }
            let derived = try Self.lockDerived(of: id, in: transaction)
            if let expecting {
                let unexpected = derived.filter { !expecting.contains($0) }
                guard unexpected.isEmpty else { throw StoreError.conflict(.unexpectedDerived(unexpected)) }
            }
            let all = [id] + derived
            try Self.remove(all, team: team, in: transaction)
            return all
        }
    }

    /// The videos made from this one, the oldest first, none of which can be made anything from until the transaction ends.
    private static func lockDerived(of id: ID<Video>, in transaction: borrowing Transaction) throws(PostgresError) -> [ID<Video>] {
        var locked: [ID<Video>] = []
        while true {
            // A processing that was being started from one of them holds it until it commits, and its video is seen only then.
            let found = try transaction.values(
                "SELECT id FROM videos WHERE id IN (" + derivedIDs(of: id) + ") ORDER BY created_at, id FOR UPDATE", as: ID<Video>.self)
            if found == locked { return found }
            locked = found
        }
    }

    /// Deletes exactly these videos; nothing outside may have been made from them.
    static func remove(_ videos: [ID<Video>], team: ID<Team>, in transaction: borrowing Transaction) throws {
        let jobs = try transaction.values(
            "SELECT id FROM jobs WHERE video_id = ANY(\(videos)) OR source_id = ANY(\(videos)) FOR UPDATE", as: ID<Job>.self)
        for job in jobs { try JobStore.announceCancellation(of: job, in: transaction) }
        for video in videos {
            try EventOutbox.record(.videoDeleted, video: video, team: team, in: transaction)
            try GarbageStore.add(prefix: "videos/\(video)", in: transaction)
        }
        for job in jobs { try GarbageStore.add(prefix: "jobs/\(job)", in: transaction) }
        try AbandonedUploadStore.add(of: videos, after: GarbageStore.delay, in: transaction)
        try transaction.execute("DELETE FROM videos WHERE id = ANY(\(videos))")
    }

    static func get(_ id: ID<Video>, scope: TeamScope, on connection: borrowing some Querying & ~Copyable) throws(PostgresError)
        -> VideoRecord?
    {
        try connection.first(oneInTeams.with(id, scope.teams))
    }

    private static let oneInTeams = StatementTemplate(
        "SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = \(ID<Video>.self) AND v.team_id = ANY(\([ID<Team>].self))")

    /// Follows the sources; a video is made after its source, so this ends.
    static func derivedIDs(of id: ID<Video>) -> SQL {
        """
        WITH RECURSIVE derived (id) AS (
            SELECT id FROM videos WHERE source_id = \(id)
            UNION SELECT d.id FROM videos d JOIN derived ON d.source_id = derived.id
        ) SELECT id FROM derived
        """
    }
}
