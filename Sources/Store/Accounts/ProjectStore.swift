package import Domain
package import Postgres
package import Primitives

/// Projects of teams.
package struct ProjectStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// - Parameter name: 1–47 characters.
    package func create(team: ID<Team>, name: String) async throws -> ProjectRecord {
        try await pool.change { try Self.insert(name: name, team: team, in: $0) }
    }

    package func get(_ id: ID<Project>, scope: TeamScope) async throws -> ProjectRecord? {
        try await pool.run {
            try $0.first("SELECT \(ProjectRecord.columns) FROM projects p WHERE p.id = \(id) AND p.team_id = ANY(\(scope.teams))")
        }
    }

    /// - Parameter team: keeps the projects of one team of the scope.
    package func list(scope: TeamScope, team: ID<Team>? = nil, page: PageRequest) async throws -> Page<ProjectRecord> {
        try await pool.run {
            let filter: SQL = team.map { " AND p.team_id = \($0)" } ?? .empty
            return try $0.page(
                ProjectRecord.columns, "FROM projects p WHERE p.team_id = ANY(\(scope.teams))" + filter, alias: "p", page)
        }
    }

    /// The oldest project of the team that bears the default name; nil when it is gone.
    package func defaultProject(of team: ID<Team>) async throws -> ProjectRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(ProjectRecord.columns) FROM projects p
                WHERE p.team_id = \(team) AND p.name = \(AccountStore.defaultProjectName) ORDER BY p.created_at, p.id LIMIT 1
                """)
        }
    }

    /// Throws `.notFound(.project)`.
    package func rename(_ id: ID<Project>, scope: TeamScope, to name: String) async throws -> ProjectRecord {
        try await pool.change { transaction in
            let renamed: ProjectRecord? = try transaction.first(
                """
                UPDATE projects p SET name = \(name), updated_at = now()
                WHERE p.id = \(id) AND p.team_id = ANY(\(scope.teams)) RETURNING \(ProjectRecord.columns)
                """)
            guard let renamed else { throw StoreError.notFound(.project) }
            return renamed
        }
    }

    /// Throws `.notFound(.project)`, or `.conflict(.projectNotEmpty)` while it holds videos or uploads under way.
    package func delete(_ id: ID<Project>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            // The lock keeps videos and uploads from being put into it meanwhile: their foreign keys wait for it, and it waits for
            // those that are being put into it.
            let found = try transaction.value(
                "SELECT 1 FROM projects WHERE id = \(id) AND team_id = ANY(\(scope.teams)) FOR UPDATE", as: Int.self)
            guard found != nil else { throw StoreError.notFound(.project) }
            let videos = try transaction.value("SELECT clips + others FROM video_lists WHERE id = \(id)", as: Int.self) ?? 0
            // The rows of uploads would go with the project, and nobody would know of their bytes any more.
            let uploads = try transaction.value("SELECT count(*) FROM uploads WHERE project_id = \(id)", as: Int.self) ?? 0
            guard videos == 0 && uploads == 0 else { throw StoreError.conflict(.projectNotEmpty(videos: videos, uploads: uploads)) }
            try transaction.execute("DELETE FROM projects WHERE id = \(id)")
        }
    }

    static func insert(name: String, team: ID<Team>, in transaction: borrowing Transaction) throws(PostgresError) -> ProjectRecord {
        try transaction.one(
            "INSERT INTO projects AS p (id, team_id, name) VALUES (\(ID<Project>()), \(team), \(name)) RETURNING \(ProjectRecord.columns)")
    }
}
