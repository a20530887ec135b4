package import Domain
package import Postgres
package import Primitives

/// An import to be started.
package struct NewImport: Sendable {
    package var video: ID<Video>
    package var team: ID<Team>
    package var user: ID<User>
    package var project: ID<Project>
    package var name: String
    package var description: String?
    package var fullIngestion: Bool
    package var file: AnnouncedFile
    /// Kept for restarts: everything but secrets.
    package var request: JSONDocument
    /// What may hold a secret, such as a URL or access keys, sealed.
    package var sealedSecret: [UInt8]?
    /// Where the access keys were taken from.
    package var location: ID<S3Location>?

    package init(
        video: ID<Video> = ID(), team: ID<Team>, user: ID<User>, project: ID<Project>, name: String, description: String? = nil,
        fullIngestion: Bool = false, file: AnnouncedFile, request: JSONDocument, sealedSecret: [UInt8]? = nil,
        location: ID<S3Location>? = nil
    ) {
        self.video = video
        self.team = team
        self.user = user
        self.project = project
        self.name = name
        self.description = description
        self.fullIngestion = fullIngestion
        self.file = file
        self.request = request
        self.sealedSecret = sealedSecret
        self.location = location
    }
}

/// What an import was asked for, for whoever carries it out.
package struct ImportRecord: Hashable, RowDecodable {
    package let video: ID<Video>
    package let team: ID<Team>
    package let file: AnnouncedFile
    package let fullIngestion: Bool
    package let request: JSONDocument
    package let sealedSecret: [UInt8]?
    /// A restart asked to take the file whatever its checksum.
    package let skipsChecksum: Bool
    /// How far an earlier attempt came.
    package let checkpoint: JSONDocument?

    static let columns: SQL = """
        v.id, v.team_id, v.file_name, v.file_size, v.file_type, v.full_ingestion, i.request, i.sealed_secret, i.skip_checksum, i.checkpoint
        """

    package init(row: inout Row) throws(PostgresError) {
        video = try row.next()
        team = try row.next()
        file = AnnouncedFile(name: try row.next(), size: try row.next(), mimeType: try row.next())
        fullIngestion = try row.next()
        request = try row.next()
        sealedSecret = try row.next(Bytea?.self)?.bytes
        skipsChecksum = try row.next()
        checkpoint = try row.next()
    }
}

/// Imports of masters. The copy itself is a job of one segment, kind `import`.
package struct ImportStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Makes the master, its import job and the `video_in.started` event, in one transaction that wakes workers.
    ///
    /// Throws `.notFound(.project)` unless the project is one of the team.
    ///
    /// - Parameter isUpload: an upload of the video's id becomes this import, and is an upload no more. Throws `.notFound(.upload)`
    ///   when there is none any more: its bytes are gone, or going.
    package func start(_ new: NewImport, isUpload: Bool = false) async throws -> VideoRecord {
        try await pool.change { transaction in
            if isUpload {
                let ended = try transaction.execute("DELETE FROM uploads WHERE id = \(new.video)")
                guard ended == 1 else { throw StoreError.notFound(.upload) }
            }
            do {
                try transaction.execute(
                    """
                    INSERT INTO videos (id, team_id, user_id, project_id, kind, name, description, master_id, full_ingestion,
                        upload_status, upload_updated_at, file_name, file_size, file_type)
                    VALUES (\(new.video), \(new.team), \(new.user), \(new.project), 'master', \(new.name), \(new.description),
                        \(new.video), \(new.fullIngestion), 'IN_PROGRESS', clock_timestamp(), \(new.file.name), \(new.file.size),
                        \(new.file.mimeType))
                    """)
            } catch let error as PostgresError where error.constraint == "videos_project_id_team_id_fkey" {
                throw StoreError.notFound(.project)
            }
            try transaction.execute(
                """
                INSERT INTO imports (video_id, request, sealed_secret, location_id)
                VALUES (\(new.video), \(new.request), \(new.sealedSecret.map(Bytea.init)), \(new.location))
                """)
            try Self.insertJob(team: new.team, video: new.video, size: new.file.size, in: transaction)
            guard let video = try VideoStore.get(new.video, scope: TeamScope(new.team), on: transaction) else {
                throw StoreError.notFound(.video)
            }
            return video
        }
    }

    /// What to import for a video; nil for one that was never imported.
    package func request(of video: ID<Video>) async throws -> ImportRecord? {
        try await pool.run {
            try $0.first(
                "SELECT \(ImportRecord.columns) FROM imports i JOIN videos v ON v.id = i.video_id WHERE i.video_id = \(video)")
        }
    }

    /// Keeps how far an import came, for the next attempt and for a restart. Throws `LeaseLost`.
    package func saveCheckpoint(_ checkpoint: JSONDocument, for lease: Lease) async throws {
        let saved = try await pool.run {
            try $0.execute(
                """
                UPDATE imports i SET checkpoint = \(checkpoint) FROM segments s JOIN jobs j ON j.id = s.job_id
                WHERE s.id = \(lease.segment) AND s.lease_token = \(lease.token) AND i.video_id = j.video_id
                """)
        }
        guard saved == 1 else { throw LeaseLost() }
    }

    /// Begins a failed import again where it stopped, with the keys that its location has now, if that still has the same bucket.
    /// Throws `.notFound(.video)`, or `.conflict(.importNotFailed)`.
    package func restart(_ video: ID<Video>, scope: TeamScope, skipChecksum: Bool) async throws -> VideoRecord {
        try await pool.change { transaction in
            let (team, size) = try Self.lockFailed(video, scope: scope, in: transaction)
            try transaction.execute(
                """
                UPDATE videos SET upload_status = 'IN_PROGRESS', upload_progress = 0, upload_error = NULL, upload_updated_at = now(),
                    updated_at = now() WHERE id = \(video)
                """)
            try transaction.execute("UPDATE imports SET skip_checksum = \(skipChecksum) WHERE video_id = \(video)")
            try transaction.execute(
                """
                UPDATE imports i SET sealed_secret = l.sealed_credentials FROM s3_locations l
                WHERE i.video_id = \(video) AND l.id = i.location_id AND l.bucket = i.request->'object'->>'bucket'
                """)
            try Self.insertJob(team: team, video: video, size: size, in: transaction)
            guard let record = try VideoStore.get(video, scope: scope, on: transaction) else { throw StoreError.notFound(.video) }
            return record
        }
    }

    /// Deletes a video whose import failed. Throws `.notFound(.video)`, or `.conflict(.importNotFailed)`.
    package func abandon(_ video: ID<Video>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            let (team, _) = try Self.lockFailed(video, scope: scope, in: transaction)
            try VideoStore.remove([video], team: team, in: transaction)
        }
    }

    private static func lockFailed(
        _ video: ID<Video>, scope: TeamScope, in transaction: borrowing Transaction
    ) throws -> (team: ID<Team>, size: Int64?) {
        let found: Candidate? = try transaction.first(
            "SELECT team_id, upload_status, file_size FROM videos WHERE id = \(video) AND team_id = ANY(\(scope.teams)) FOR UPDATE")
        guard let found else { throw StoreError.notFound(.video) }
        guard found.status == .failed else { throw StoreError.conflict(.importNotFailed) }
        return (found.team, found.size)
    }

    private static func insertJob(
        team: ID<Team>, video: ID<Video>, size: Int64?, in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try JobStore.insert(
            JobStore.JobToInsert(team: team, video: video, videoKind: .master, kind: .import),
            segments: [NewSegment(kind: .importSource, stage: 0, weight: max(1, size ?? 1))], in: transaction)
    }

    private struct Candidate: RowDecodable {
        let team: ID<Team>
        let status: OperationStatus?
        let size: Int64?

        init(row: inout Row) throws(PostgresError) {
            team = try row.next()
            status = try row.next()
            size = try row.next()
        }
    }
}
