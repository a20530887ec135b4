package import Domain
package import Postgres
package import Primitives

/// Teams, and who belongs to them.
package struct TeamStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// The API-enabled teams of a user.
    package func list(user: ID<User>, page: PageRequest) async throws -> Page<TeamRecord> {
        try await pool.run {
            try $0.page(
                TeamRecord.columns,
                "FROM teams t JOIN memberships m ON m.team_id = t.id WHERE m.user_id = \(user) AND t.api_enabled", alias: "t", page)
        }
    }

    /// A team of the user; nil for one that is unknown, not API-enabled or of others.
    package func get(_ id: ID<Team>, user: ID<User>) async throws -> TeamRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(TeamRecord.columns) FROM teams t JOIN memberships m ON m.team_id = t.id
                WHERE t.id = \(id) AND m.user_id = \(user) AND t.api_enabled
                """)
        }
    }

    /// Makes a team with its default project and its first member.
    package func create(name: String, owner: ID<User>, apiEnabled: Bool) async throws -> TeamRecord {
        try await pool.transaction { transaction in
            let team = try Self.insert(name: name, owner: owner, apiEnabled: apiEnabled, in: transaction)
            _ = try ProjectStore.insert(name: AccountStore.defaultProjectName, team: team.id, in: transaction)
            return team
        }
    }

    /// Throws `.notFound(.team)`.
    package func setAPIEnabled(_ isEnabled: Bool, of team: ID<Team>) async throws {
        let changed = try await pool.run {
            try $0.execute("UPDATE teams SET api_enabled = \(isEnabled), updated_at = now() WHERE id = \(team)")
        }
        guard changed == 1 else { throw StoreError.notFound(.team) }
    }

    /// Whether fully ingested masters of a team get a free clip. Throws `.notFound(.team)`.
    package func setFreeClips(_ isOffered: Bool, of team: ID<Team>) async throws {
        let changed = try await pool.run {
            try $0.execute("UPDATE teams SET free_clips = \(isOffered), updated_at = now() WHERE id = \(team)")
        }
        guard changed == 1 else { throw StoreError.notFound(.team) }
    }

    /// Makes a user a member; nothing changes for one who is.
    package func add(_ user: ID<User>, to team: ID<Team>) async throws {
        try await pool.run {
            try $0.execute("INSERT INTO memberships (user_id, team_id) VALUES (\(user), \(team)) ON CONFLICT DO NOTHING")
        }
    }

    static func insert(name: String, owner: ID<User>, apiEnabled: Bool, in transaction: borrowing Transaction) throws(PostgresError)
        -> TeamRecord
    {
        let team: TeamRecord = try transaction.one(
            "INSERT INTO teams AS t (id, name, api_enabled) VALUES (\(ID<Team>()), \(name), \(apiEnabled)) RETURNING \(TeamRecord.columns)")
        try transaction.execute("INSERT INTO memberships (user_id, team_id) VALUES (\(owner), \(team.id))")
        try BillingPeriodRecord.begin(team.id, in: transaction)
        return team
    }
}
