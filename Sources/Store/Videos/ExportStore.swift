package import Domain
package import Postgres
package import Primitives

/// Exports of videos to S3, one of a video at a time. The copy itself is a job of one segment, kind `export`.
package struct ExportStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Makes the export, its job and the `video_out.started` event, in one transaction that wakes workers.
    ///
    /// Throws `.notFound(.video)`; `.conflict(.sourceNotReady)` while its file is not there; `.conflict(.exportRunning)`, and
    /// `.conflict(.exportFailed)` for one that was neither restarted nor abandoned.
    package func start(_ new: NewExport, scope: TeamScope) async throws -> VideoRecord {
        try await pool.change { transaction in
            let video = try Self.lock(new.video, scope: scope, in: transaction)
            guard video.isReady, let size = video.size else { throw StoreError.conflict(.sourceNotReady) }
            switch video.output {
            case .initial, .inProgress: throw StoreError.conflict(.exportRunning)
            case .failed: throw StoreError.conflict(.exportFailed)
            case .done, nil: break
            }
            try transaction.execute(
                """
                INSERT INTO exports (video_id, id, bucket, object_key, location_id, sealed_credentials, part_bytes)
                VALUES (\(new.video), \(ID<Export>()), \(new.bucket), \(new.objectKey), \(new.location),
                    \(Bytea(new.sealedCredentials)), \(new.partBytes))
                """)
            try transaction.execute("UPDATE videos SET output_progress = 0 WHERE id = \(new.video)")
            return try Self.begin(new.video, video, size: size, scope: scope, in: transaction)
        }
    }

    /// Begins a failed export again where it stopped, with the keys that its location has now, if that still has the same
    /// bucket. Throws `.notFound(.video)`, or `.conflict(.exportNotFailed)`.
    package func restart(_ id: ID<Video>, scope: TeamScope) async throws -> VideoRecord {
        try await pool.change { transaction in
            let video = try Self.lock(id, scope: scope, in: transaction)
            guard video.output == .failed, let size = video.size else { throw StoreError.conflict(.exportNotFailed) }
            try transaction.execute(
                """
                UPDATE exports e SET sealed_credentials = l.sealed_credentials FROM s3_locations l
                WHERE e.video_id = \(id) AND l.id = e.location_id AND l.bucket = e.bucket
                """)
            return try Self.begin(id, video, size: size, scope: scope, in: transaction)
        }
    }

    /// Forgets a failed export; its upload is handed to the sweep, the video stays. Throws `.notFound(.video)`, or
    /// `.conflict(.exportNotFailed)`.
    package func abandon(_ id: ID<Video>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            let video = try Self.lock(id, scope: scope, in: transaction)
            guard video.output == .failed else { throw StoreError.conflict(.exportNotFailed) }
            try AbandonedUploadStore.add(of: [id], in: transaction)
            try transaction.execute("DELETE FROM exports WHERE video_id = \(id)")
            try transaction.execute(
                """
                UPDATE videos SET output_status = NULL, output_progress = 0, output_updated_at = NULL, output_error = NULL,
                    updated_at = now() WHERE id = \(id)
                """)
        }
    }

    // MARK: For workers

    /// The export of a video that is under way or has failed; nil when there is none.
    package func record(of video: ID<Video>) async throws -> ExportRecord? {
        try await pool.run {
            try $0.first(
                "SELECT \(ExportRecord.columns) FROM exports e JOIN videos v ON v.id = e.video_id WHERE e.video_id = \(video)")
        }
    }

    /// Parts that the bucket has taken, by number.
    package func parts(of video: ID<Video>) async throws -> [ExportedPart] {
        try await pool.run { try $0.query("SELECT number, entity_tag FROM export_parts WHERE video_id = \(video) ORDER BY number") }
    }

    /// Keeps the id of an upload that has just begun, or nil for one that is gone, and forgets the parts of an earlier one.
    /// Throws `LeaseLost`.
    package func keepUpload(_ upload: String?, for lease: Lease) async throws {
        try await pool.transaction { transaction in
            let video = try transaction.value(
                """
                UPDATE exports e SET upload_id = \(upload) FROM segments s JOIN jobs j ON j.id = s.job_id
                WHERE s.id = \(lease.segment) AND s.lease_token = \(lease.token) AND e.video_id = j.video_id RETURNING e.video_id
                """, as: ID<Video>.self)
            guard let video else { throw LeaseLost() }
            try transaction.execute("DELETE FROM export_parts WHERE video_id = \(video)")
        }
    }

    /// Keeps that the bucket has taken a part of an upload. Throws `LeaseLost`.
    package func keepPart(_ part: ExportedPart, of upload: String, for lease: Lease) async throws {
        let kept = try await pool.run {
            try $0.execute(
                """
                INSERT INTO export_parts (video_id, number, entity_tag)
                SELECT e.video_id, \(part.number)::bigint, \(part.entityTag)::text
                FROM segments s JOIN jobs j ON j.id = s.job_id JOIN exports e ON e.video_id = j.video_id
                WHERE s.id = \(lease.segment) AND s.lease_token = \(lease.token) AND e.upload_id = \(upload)
                ON CONFLICT (video_id, number) DO UPDATE SET entity_tag = excluded.entity_tag
                """)
        }
        guard kept == 1 else { throw LeaseLost() }
    }

    // MARK: The video

    /// Makes the export's job, with what an earlier one has done, and shows it.
    private static func begin(
        _ id: ID<Video>, _ video: LockedVideo, size: Int64, scope: TeamScope, in transaction: borrowing Transaction
    ) throws -> VideoRecord {
        try transaction.execute(
            """
            UPDATE videos SET output_status = 'IN_PROGRESS', output_error = NULL, output_updated_at = now(), updated_at = now()
            WHERE id = \(id)
            """)
        let job = ID<Job>()
        try JobStore.insert(
            JobStore.JobToInsert(id: job, team: video.team, video: id, videoKind: video.kind, kind: .export),
            segments: [NewSegment(kind: .export, stage: 0, weight: max(1, size))], in: transaction)
        try transaction.execute(
            """
            UPDATE segments s SET done = least(s.weight, e.part_bytes * (SELECT count(*) FROM export_parts p WHERE p.video_id = e.video_id))
            FROM exports e WHERE s.job_id = \(job) AND e.video_id = \(id)
            """)
        guard let record = try VideoStore.get(id, scope: scope, on: transaction) else { throw StoreError.notFound(.video) }
        return record
    }

    private static func lock(_ id: ID<Video>, scope: TeamScope, in transaction: borrowing Transaction) throws -> LockedVideo {
        let found: LockedVideo? = try transaction.first(
            """
            SELECT team_id, kind, output_status, file_size, file_key IS NOT NULL AND coalesce(upload_status, 'DONE') = 'DONE'
                AND coalesce(processing_status, 'DONE') = 'DONE'
            FROM videos WHERE id = \(id) AND team_id = ANY(\(scope.teams)) FOR UPDATE
            """)
        guard let found else { throw StoreError.notFound(.video) }
        return found
    }

    private struct LockedVideo: RowDecodable {
        let team: ID<Team>
        let kind: VideoKind
        let output: OperationStatus?
        let size: Int64?
        let isReady: Bool

        init(row: inout Row) throws(PostgresError) {
            team = try row.next()
            kind = try row.next()
            output = try row.next()
            size = try row.next()
            isReady = try row.next()
        }
    }
}
