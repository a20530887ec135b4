package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A file that a client sends itself.
package struct UploadRecord: Hashable, RowDecodable {
    /// Also the id of the video to be.
    package let id: ID<Video>
    package let createdAt: Date
    /// When the last bytes came, or a few minutes before.
    package let updatedAt: Date
    package let team: ID<Team>
    package let user: ID<User>
    package let project: ID<Project>
    package let name: String
    package let description: String?
    package let fullIngestion: Bool
    package let fileName: String
    /// In bytes.
    package let fileSize: Int64
    package let crc32c: UInt32?

    static let columns: SQL = """
        u.id, u.created_at, u.updated_at, u.team_id, u.user_id, u.project_id, u.name, u.description, u.full_ingestion, u.file_name,
        u.file_size, u.crc32c
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        user = try row.next()
        project = try row.next()
        name = try row.next()
        description = try row.next()
        fullIngestion = try row.next()
        fileName = try row.next()
        fileSize = try row.next()
        crc32c = try row.next()
    }
}

/// An upload to be begun.
package struct NewUpload: Sendable {
    package var team: ID<Team>
    package var user: ID<User>
    package var project: ID<Project>
    package var name: String
    package var description: String?
    package var fullIngestion: Bool
    package var fileName: String
    package var fileSize: Int64
    package var crc32c: UInt32?

    package init(
        team: ID<Team>, user: ID<User>, project: ID<Project>, name: String, description: String?, fullIngestion: Bool, fileName: String,
        fileSize: Int64, crc32c: UInt32?
    ) {
        self.team = team
        self.user = user
        self.project = project
        self.name = name
        self.description = description
        self.fullIngestion = fullIngestion
        self.fileName = fileName
        self.fileSize = fileSize
        self.crc32c = crc32c
    }
}

/// Uploads under way. A finished one becomes an import of the same id, and is an upload no more.
package struct UploadStore: Sendable {
    /// How long an upload waits for its next bytes.
    package static let patience: Duration = .seconds(86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Throws `.notFound(.project)` unless the project is one of the team.
    package func create(_ new: NewUpload) async throws -> UploadRecord {
        try await pool.change { transaction in
            do {
                return try transaction.one(
                    """
                    INSERT INTO uploads AS u
                        (id, team_id, user_id, project_id, name, description, full_ingestion, file_name, file_size, crc32c)
                    VALUES (\(ID<Video>()), \(new.team), \(new.user), \(new.project), \(new.name), \(new.description), \(new.fullIngestion),
                        \(new.fileName), \(new.fileSize), \(new.crc32c))
                    RETURNING \(UploadRecord.columns)
                    """)
            } catch let error as PostgresError where error.constraint == "uploads_project_id_team_id_fkey" {
                throw StoreError.notFound(.project)
            }
        }
    }

    package func get(_ id: ID<Video>, scope: TeamScope) async throws -> UploadRecord? {
        try await pool.run {
            try $0.first("SELECT \(UploadRecord.columns) FROM uploads u WHERE u.id = \(id) AND u.team_id = ANY(\(scope.teams))")
        }
    }

    /// Notes that bytes of a piece come, whose end nobody knows yet: an upload does not lapse while it flows. Nothing for the audit
    /// log, which is told of the piece by `touch`. Throws `.notFound(.upload)`.
    package func renew(_ id: ID<Video>) async throws {
        let renewed = try await pool.run { try $0.execute(Self.renewal(of: id)) }
        guard renewed == 1 else { throw StoreError.notFound(.upload) }
    }

    /// Notes that a piece came. Throws `.notFound(.upload)`.
    package func touch(_ id: ID<Video>) async throws {
        try await pool.change { transaction in
            let touched = try transaction.execute(Self.renewal(of: id))
            guard touched == 1 else { throw StoreError.notFound(.upload) }
        }
    }

    private static func renewal(of id: ID<Video>) -> SQL { "UPDATE uploads SET updated_at = clock_timestamp() WHERE id = \(id)" }

    /// Forgets an upload that nobody wants, and hands its bytes to the sweep: also those that a request under way still writes.
    /// Throws `.notFound(.upload)`.
    package func remove(_ id: ID<Video>) async throws {
        try await pool.change { transaction in
            let removed = try transaction.execute("DELETE FROM uploads WHERE id = \(id)")
            guard removed == 1 else { throw StoreError.notFound(.upload) }
            try GarbageStore.add(prefix: "videos/\(id)", in: transaction)
        }
    }

    /// Forgets uploads that no bytes came of for `patience`, and hands their bytes to the sweep; returns how many.
    package func prune() async throws -> Int {
        try await pool.transaction { transaction in
            let lapsed = try transaction.values(
                "DELETE FROM uploads WHERE updated_at < now() - make_interval(secs => \(Self.patience)) RETURNING id", as: ID<Video>.self)
            for id in lapsed { try GarbageStore.add(prefix: "videos/\(id)", in: transaction) }
            return lapsed.count
        }
    }
}
