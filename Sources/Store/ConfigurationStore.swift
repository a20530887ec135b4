package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A processing configuration.
package struct ConfigurationRecord: Hashable, RowDecodable {
    package let id: ID<Configuration>
    package let createdAt: Date
    package let updatedAt: Date
    /// Nil for the built-in ones.
    package let team: ID<Team>?
    package let name: String
    package let description: String?
    package let options: JSONDocument
    package let isBuiltin: Bool

    static let columns: SQL = "c.id, c.created_at, c.updated_at, c.team_id, c.name, c.description, c.options, c.is_builtin"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        name = try row.next()
        description = try row.next()
        options = try row.next()
        isBuiltin = try row.next()
    }
}

/// Processing configurations of teams, and the built-in ones that every team sees.
package struct ConfigurationStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    package func create(team: ID<Team>, name: String, description: String?, options: JSONDocument) async throws -> ConfigurationRecord {
        try await pool.change {
            try $0.one(
                """
                INSERT INTO processing_configurations AS c (id, team_id, name, description, options)
                VALUES (\(ID<Configuration>()), \(team), \(name), \(description), \(options)) RETURNING \(ConfigurationRecord.columns)
                """)
        }
    }

    package func get(_ id: ID<Configuration>, scope: TeamScope) async throws -> ConfigurationRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(ConfigurationRecord.columns) FROM processing_configurations c
                WHERE c.id = \(id) AND (c.is_builtin OR c.team_id = ANY(\(scope.teams)))
                """)
        }
    }

    /// - Parameters:
    ///   - team: keeps the configurations of one team of the scope, and the built-in ones.
    ///   - builtInMode: the named kind is the built-in ones.
    package func list(
        scope: TeamScope, team: ID<Team>? = nil, builtInMode: FilterMode = .include, page: PageRequest
    ) async throws -> Page<ConfigurationRecord> {
        try await pool.run {
            let filter: SQL = team.map { " AND (c.is_builtin OR c.team_id = \($0))" } ?? .empty
            return try $0.page(
                ConfigurationRecord.columns,
                "FROM processing_configurations c WHERE (c.is_builtin OR c.team_id = ANY(\(scope.teams)))" + filter
                    + builtInMode.clause("c.is_builtin"), alias: "c", page)
        }
    }

    /// Throws `.notFound(.configuration)`, or `.conflict(.builtInConfiguration)`.
    package func delete(_ id: ID<Configuration>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            let isBuiltin = try transaction.value(
                """
                SELECT is_builtin FROM processing_configurations
                WHERE id = \(id) AND (is_builtin OR team_id = ANY(\(scope.teams))) FOR UPDATE
                """, as: Bool.self)
            guard let isBuiltin else { throw StoreError.notFound(.configuration) }
            guard !isBuiltin else { throw StoreError.conflict(.builtInConfiguration) }
            try transaction.execute("DELETE FROM processing_configurations WHERE id = \(id)")
        }
    }

    /// Makes a built-in configuration what this version of the product says it is.
    package func installBuiltIn(id: ID<Configuration>, name: String, description: String?, options: JSONDocument) async throws {
        try await pool.run {
            try $0.execute(
                """
                INSERT INTO processing_configurations AS c (id, name, description, options, is_builtin)
                VALUES (\(id), \(name), \(description), \(options), true)
                ON CONFLICT (id) DO UPDATE
                SET name = excluded.name, description = excluded.description, options = excluded.options, updated_at = now()
                WHERE (c.name, c.description, c.options) IS DISTINCT FROM (excluded.name, excluded.description, excluded.options)
                """)
        }
    }
}
