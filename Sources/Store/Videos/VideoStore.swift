package import Domain
package import Postgres
package import Primitives

/// Which videos a list keeps; nil keeps all.
package struct VideoFilter: Hashable, Sendable {
    package var team: ID<Team>?
    package var project: ID<Project>?
    /// Videos made from this master, not the master itself.
    package var master: ID<Video>?
    package var clip: ID<Video>?
    /// The named kind is clips.
    package var clipMode: FilterMode

    package init(
        team: ID<Team>? = nil, project: ID<Project>? = nil, master: ID<Video>? = nil, clip: ID<Video>? = nil,
        clipMode: FilterMode = .include
    ) {
        self.team = team
        self.project = project
        self.master = master
        self.clip = clip
        self.clipMode = clipMode
    }
}

/// Videos of teams.
package struct VideoStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    package func get(_ id: ID<Video>, scope: TeamScope) async throws -> VideoRecord? {
        try await pool.readFirst(Self.one(id, scope: scope))
    }

    /// The video, whoever asks: for workers, which act for no user.
    package func getUnscoped(_ id: ID<Video>) async throws -> VideoRecord? {
        try await pool.run { try $0.first("SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = \(id)") }
    }

    /// The stored file of a video, whoever asks: for links that carry their own permission. Nil for no such video or file.
    package func finishedFile(of id: ID<Video>) async throws -> StoredFile? {
        try await getUnscoped(id)?.file
    }

    package func list(scope: TeamScope, filter: VideoFilter = VideoFilter(), page: PageRequest) async throws -> Page<VideoRecord> {
        try await pool.run { connection in
            try Self.page(Self.condition(scope, filter), page, on: connection)
        }
    }

    /// Videos made from this one, at any depth. Throws `.notFound(.video)`.
    package func derived(of id: ID<Video>, scope: TeamScope, page: PageRequest) async throws -> Page<VideoRecord> {
        try await pool.run { connection in
            guard try Self.isVisible(id, scope: scope, on: connection) else { throw StoreError.notFound(.video) }
            return try Self.page(" WHERE v.id IN (" + Self.derivedIDs(of: id) + ")", page, on: connection)
        }
    }

    /// Changes what is given; nil leaves as it is. Throws `.notFound(.video)`.
    package func update(_ id: ID<Video>, scope: TeamScope, name: String?, description: String?) async throws -> VideoRecord {
        let updated: VideoRecord? = try await pool.transaction { transaction in
            let changed = try transaction.execute(
                """
                UPDATE videos SET name = coalesce(\(name), name), description = coalesce(\(description), description),
                    updated_at = now()
                WHERE id = \(id) AND team_id = ANY(\(scope.teams))
                """)
            return changed == 1 ? try Self.get(id, scope: scope, on: transaction) : nil
        }
        guard let updated else { throw StoreError.notFound(.video) }
        return updated
    }

    /// Deletes a video with everything made from it, in one transaction with its `video.deleted` events: jobs under way end,
    /// their workers are told, and the objects are handed to the sweep.
    ///
    /// - Parameter expecting: ids of derived videos that may go; nil for any. Others make `.conflict(.unexpectedDerived)`,
    ///   and nothing is deleted.
    /// - Returns: the ids deleted, the video's own first.
    package func delete(_ id: ID<Video>, scope: TeamScope, expecting: [ID<Video>]? = nil) async throws -> [ID<Video>] {
        try await pool.transaction { transaction in
            guard
                let team = try transaction.value(
                    "SELECT team_id FROM videos WHERE id = \(id) AND team_id = ANY(\(scope.teams)) FOR UPDATE", as: ID<Team>.self)
            else { throw StoreError.notFound(.video) }
            let derived = try transaction.values(
                "SELECT id FROM videos WHERE id IN (" + Self.derivedIDs(of: id) + ") ORDER BY created_at, id FOR UPDATE", as: ID<Video>.self
            )
            if let expecting {
                let unexpected = derived.filter { !expecting.contains($0) }
                guard unexpected.isEmpty else { throw StoreError.conflict(.unexpectedDerived(unexpected)) }
            }
            let all = [id] + derived
            try Self.remove(all, team: team, in: transaction)
            return all
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
        try connection.first(one(id, scope: scope))
    }

    private static func one(_ id: ID<Video>, scope: TeamScope) -> SQL {
        "SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = \(id) AND v.team_id = ANY(\(scope.teams))"
    }

    private static func isVisible(_ id: ID<Video>, scope: TeamScope, on connection: borrowing Connection) throws(PostgresError) -> Bool {
        try connection.value("SELECT 1 FROM videos WHERE id = \(id) AND team_id = ANY(\(scope.teams))", as: Int.self) != nil
    }

    /// Follows the sources; a video is made after its source, so this ends.
    private static func derivedIDs(of id: ID<Video>) -> SQL {
        """
        WITH RECURSIVE derived (id) AS (
            SELECT id FROM videos WHERE source_id = \(id)
            UNION SELECT d.id FROM videos d JOIN derived ON d.source_id = derived.id
        ) SELECT id FROM derived
        """
    }

    /// The rows of a page are found in an index alone, from whichever end of the list is nearer, and only they are read whole:
    /// a page in the middle of 100,000 videos costs what the first one does but for the walk along the index.
    private static func page(_ condition: SQL, _ request: PageRequest, on connection: borrowing Connection) throws(PostgresError)
        -> Page<VideoRecord>
    {
        let total = try connection.value("SELECT count(*) FROM videos v" + condition, as: Int.self) ?? 0
        let (offset, overflow) = request.number.multipliedReportingOverflow(by: request.size)
        guard !overflow, offset < total else { return Page(request: request, total: total, items: []) }
        let items: [VideoRecord] = try connection.query(pageQuery(condition, request, offset: offset, total: total))
        return Page(request: request, total: total, items: items)
    }

    private static func pageQuery(_ condition: SQL, _ request: PageRequest, offset: Int, total: Int) -> SQL {
        let count = min(request.size, total - offset)
        let fromEnd = offset > total / 2
        let ids: SQL =
            "SELECT v.id FROM videos v" + condition + request.ordering("v", reversed: fromEnd)
            + " LIMIT \(count) OFFSET \(fromEnd ? total - offset - count : offset)"
        return "SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = ANY(ARRAY(" + ids + "))" + request.ordering("v")
    }

    /// The plan of one page of a team's videos, as PostgreSQL explains it: for the test that it stays with the index.
    package func explainList(scope: TeamScope, page: PageRequest) async throws -> String {
        try await pool.run { connection in
            let condition = Self.condition(scope, VideoFilter())
            let total = try connection.value("SELECT count(*) FROM videos v" + condition, as: Int.self) ?? 0
            let query = Self.pageQuery(condition, page, offset: page.number * page.size, total: total)
            return try connection.values("EXPLAIN (ANALYZE, BUFFERS) " + query, as: String.self).joined(separator: "\n")
        }
    }

    private static func condition(_ scope: TeamScope, _ filter: VideoFilter) -> SQL {
        // With one team, an equality: it keeps the order of the index, which a list of teams does not.
        let team = filter.team.flatMap { scope.teams.contains($0) ? $0 : nil } ?? (scope.teams.count == 1 ? scope.teams[0] : nil)
        var condition: SQL = team.map { " WHERE v.team_id = \($0)" } ?? " WHERE v.team_id = ANY(\(scope.teams))"
        if let team = filter.team, !scope.teams.contains(team) { condition += " AND v.team_id = \(team)" }
        if let project = filter.project { condition += " AND v.project_id = \(project)" }
        if let master = filter.master { condition += " AND v.master_id = \(master) AND v.id <> v.master_id" }
        if let clip = filter.clip { condition += " AND v.clip_id = \(clip)" }
        return condition + filter.clipMode.clause("v.kind = 'clip'")
    }
}
