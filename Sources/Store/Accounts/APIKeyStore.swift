package import Credentials
package import Domain
package import Postgres
package import Primitives

/// API keys of users, and who calls with one.
package struct APIKeyStore: Sendable {
    /// Who calls with a key.
    package struct Caller: Hashable, Sendable {
        package let key: ID<APIKey>
        package let user: ID<User>
        /// API-enabled teams of the user, the oldest first.
        package let teams: [ID<Team>]

        /// The team used where none is selected; nil when no team is API-enabled.
        package var defaultTeam: ID<Team>? { teams.first }
        package var scope: TeamScope { TeamScope(teams: teams) }
    }

    /// Active keys a user may have.
    package static let activeLimit = 2
    /// A key unused for this long is marked for deletion …
    package static let unusedLimit: Duration = .seconds(90 * 86_400)
    /// … and deleted this much later.
    package static let deletionNotice: Duration = .seconds(7 * 86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Stores a new key by its hash. Throws `.conflict(.activeAPIKeyLimit)`.
    package func create(
        for user: ID<User>, name: String, description: String?, isActive: Bool, secret: APIKeySecret
    ) async throws -> APIKeyRecord {
        try await pool.change { transaction in
            try Self.lock(user, in: transaction)
            if isActive { try Self.checkLimit(of: user, in: transaction) }
            return try Self.insert(
                for: user, name: name, description: description, isActive: isActive, secret: secret, in: transaction)
        }
    }

    static func insert(
        for user: ID<User>, name: String, description: String?, isActive: Bool, secret: APIKeySecret,
        in transaction: borrowing Transaction
    ) throws(PostgresError) -> APIKeyRecord {
        try transaction.one(
            """
            INSERT INTO api_keys AS k (id, user_id, name, description, hash, hidden, is_active)
            VALUES (\(ID<APIKey>()), \(user), \(name), \(description), \(Bytea(secret.hash)), \(secret.hidden), \(isActive))
            RETURNING \(APIKeyRecord.columns)
            """)
    }

    /// Who calls; nil for a key that is unknown or inactive, and for a disabled user. Use is noted once a minute at most.
    package func authenticate(_ secret: APIKeySecret) async throws -> Caller? {
        guard let found: Authentication = try await pool.readFirst(Self.byHash.with(Bytea(secret.hash))) else { return nil }
        if found.noteUse {
            try await pool.run {
                try $0.execute("UPDATE api_keys SET last_used_at = now(), deletion_eligible_at = NULL WHERE id = \(found.caller.key)")
            }
        }
        return found.caller
    }

    /// The teams that a key opens now; nil when it opens nothing any more. For what outlives the request that showed the key.
    package func teams(of key: ID<APIKey>) async throws -> [ID<Team>]? {
        let found: Authentication? = try await pool.run { try $0.first(Self.authentication("k.id = \(key)")) }
        return found?.caller.teams
    }

    package func get(_ id: ID<APIKey>, user: ID<User>) async throws -> APIKeyRecord? {
        try await pool.run { try $0.first("SELECT \(APIKeyRecord.columns) FROM api_keys k WHERE k.id = \(id) AND k.user_id = \(user)") }
    }

    package func list(user: ID<User>, page: PageRequest) async throws -> Page<APIKeyRecord> {
        try await pool.run { try $0.page(APIKeyRecord.columns, "FROM api_keys k WHERE k.user_id = \(user)", alias: "k", page) }
    }

    /// Changes what is given; nil leaves as it is. Throws `.notFound(.apiKey)`.
    package func update(_ id: ID<APIKey>, user: ID<User>, name: String?, description: String?) async throws -> APIKeyRecord {
        try await pool.change { transaction in
            let updated: APIKeyRecord? = try transaction.first(
                """
                UPDATE api_keys k SET name = coalesce(\(name), name), description = coalesce(\(description), description),
                    updated_at = now()
                WHERE k.id = \(id) AND k.user_id = \(user) RETURNING \(APIKeyRecord.columns)
                """)
            guard let updated else { throw StoreError.notFound(.apiKey) }
            return updated
        }
    }

    /// Switches a key on or off; one that already is stays as it is.
    ///
    /// Throws `.notFound(.apiKey)`, or `.conflict(.activeAPIKeyLimit)` when one more would be too many.
    package func setActive(_ id: ID<APIKey>, user: ID<User>, _ isActive: Bool) async throws -> APIKeyRecord {
        try await pool.change { transaction in
            try Self.lock(user, in: transaction)
            let current: APIKeyRecord? = try transaction.first(
                "SELECT \(APIKeyRecord.columns) FROM api_keys k WHERE k.id = \(id) AND k.user_id = \(user)")
            guard let current else { throw StoreError.notFound(.apiKey) }
            if current.isActive == isActive { return current }
            if isActive { try Self.checkLimit(of: user, in: transaction) }
            // A key switched on again has its 90 days anew.
            return try transaction.one(
                """
                UPDATE api_keys k SET is_active = \(isActive), updated_at = now(), deletion_eligible_at = NULL,
                    last_used_at = CASE WHEN \(isActive) THEN now() ELSE last_used_at END
                WHERE k.id = \(id) RETURNING \(APIKeyRecord.columns)
                """)
        }
    }

    /// Throws `.notFound(.apiKey)`, or `.conflict(.apiKeyActive)`.
    package func delete(_ id: ID<APIKey>, user: ID<User>) async throws {
        try await pool.change { transaction in
            let isActive = try transaction.value(
                "SELECT is_active FROM api_keys WHERE id = \(id) AND user_id = \(user) FOR UPDATE", as: Bool.self)
            guard let isActive else { throw StoreError.notFound(.apiKey) }
            guard !isActive else { throw StoreError.conflict(.apiKeyActive) }
            try transaction.execute("DELETE FROM api_keys WHERE id = \(id)")
        }
    }

    /// Marks keys that were not used for 90 days, and deletes marked ones whose date has passed; returns how many.
    package func deleteUnused() async throws -> Int {
        try await pool.transaction { transaction in
            try transaction.execute(
                """
                UPDATE api_keys SET deletion_eligible_at = now() + make_interval(secs => \(Self.deletionNotice))
                WHERE deletion_eligible_at IS NULL
                    AND coalesce(last_used_at, created_at) < now() - make_interval(secs => \(Self.unusedLimit))
                """)
            let deleted: [Deleted] = try transaction.query(
                "DELETE FROM api_keys WHERE deletion_eligible_at < now() RETURNING id, user_id")
            for key in deleted {
                try AuditStore.record(
                    .system, "delete unused API key", team: nil, user: key.user, subjects: [key.id.uuid], in: transaction)
            }
            return deleted.count
        }
    }

    /// Keeps two changes of a user's keys from counting the same free place.
    private static func lock(_ user: ID<User>, in transaction: borrowing Transaction) throws {
        guard try transaction.value("SELECT 1 FROM users WHERE id = \(user) FOR UPDATE", as: Int.self) != nil else {
            throw StoreError.notFound(.user)
        }
    }

    private static func checkLimit(of user: ID<User>, in transaction: borrowing Transaction) throws {
        let active = try transaction.value("SELECT count(*) FROM api_keys WHERE user_id = \(user) AND is_active", as: Int.self) ?? 0
        guard active < activeLimit else { throw StoreError.conflict(.activeAPIKeyLimit(activeLimit)) }
    }

    private static let byHash = StatementTemplate(authentication("k.hash = \(Bytea.self)"))

    private static func authentication(_ condition: SQL) -> SQL {
        """
        SELECT k.id, k.user_id,
            ARRAY(SELECT t.id FROM teams t JOIN memberships m ON m.team_id = t.id
                WHERE m.user_id = k.user_id AND t.api_enabled ORDER BY t.created_at, t.id),
            k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' OR k.deletion_eligible_at IS NOT NULL
        FROM api_keys k JOIN users u ON u.id = k.user_id
        WHERE \(condition) AND k.is_active AND NOT u.is_disabled
        """
    }

    private struct Deleted: RowDecodable {
        let id: ID<APIKey>
        let user: ID<User>

        init(row: inout Row) throws(PostgresError) {
            id = try row.next()
            user = try row.next()
        }
    }

    private struct Authentication: RowDecodable {
        let caller: Caller
        let noteUse: Bool

        init(row: inout Row) throws(PostgresError) {
            caller = Caller(key: try row.next(), user: try row.next(), teams: try row.next())
            noteUse = try row.next()
        }
    }
}
