package import Domain
package import Postgres
package import Primitives

/// Stored S3 locations of teams, of one direction: those of the other are not there.
package struct S3LocationStore: Sendable {
    private let pool: ConnectionPool
    private let direction: TransferDirection

    package init(pool: ConnectionPool, direction: TransferDirection) {
        self.pool = pool
        self.direction = direction
    }

    package func create(team: ID<Team>, _ values: S3LocationValues) async throws -> S3LocationRecord {
        try await pool.change {
            try $0.one(
                """
                INSERT INTO s3_locations AS l (id, team_id, direction, name, bucket, sealed_credentials)
                VALUES (\(ID<S3Location>()), \(team), \(direction), \(values.name), \(values.bucket), \(Bytea(values.sealedCredentials)))
                RETURNING \(S3LocationRecord.columns)
                """)
        }
    }

    package func get(_ id: ID<S3Location>, scope: TeamScope) async throws -> S3LocationRecord? {
        try await pool.run { try $0.first("SELECT \(S3LocationRecord.columns) " + matching(id, scope)) }
    }

    /// The location of any team that was stored last; nil when there is none.
    package func newest() async throws -> S3LocationRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(S3LocationRecord.columns) FROM s3_locations l WHERE l.direction = \(direction)
                ORDER BY l.updated_at DESC, l.id LIMIT 1
                """)
        }
    }

    /// - Parameter team: keeps the locations of one team of the scope.
    package func list(scope: TeamScope, team: ID<Team>? = nil, page: PageRequest) async throws -> Page<S3LocationRecord> {
        try await pool.run {
            var rows = TeamRows(of: "s3_locations", "l", scope, team: team)
            rows += " AND l.direction = \(direction)"
            return try $0.page(S3LocationRecord.columns, rows, alias: "l", page)
        }
    }

    /// Makes of a location what `change` says, while nobody else changes it. Throws `.notFound(.s3Location)`.
    package func update(
        _ id: ID<S3Location>, scope: TeamScope, _ change: @escaping @Sendable (S3LocationRecord) throws -> S3LocationValues
    ) async throws -> S3LocationRecord {
        try await pool.change { transaction in
            let record: S3LocationRecord? = try transaction.first(
                "SELECT \(S3LocationRecord.columns) " + matching(id, scope) + " FOR UPDATE")
            guard let record else { throw StoreError.notFound(.s3Location) }
            let values = try change(record)
            return try transaction.one(
                """
                UPDATE s3_locations l SET name = \(values.name), bucket = \(values.bucket),
                    sealed_credentials = \(Bytea(values.sealedCredentials)), updated_at = now()
                WHERE l.id = \(id) RETURNING \(S3LocationRecord.columns)
                """)
        }
    }

    /// Imports and exports that began with the location go on with its keys of then. Throws `.notFound(.s3Location)`.
    package func delete(_ id: ID<S3Location>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            let deleted = try transaction.execute("DELETE " + matching(id, scope))
            guard deleted == 1 else { throw StoreError.notFound(.s3Location) }
        }
    }

    private func matching(_ id: ID<S3Location>, _ scope: TeamScope) -> SQL {
        "FROM s3_locations l WHERE l.id = \(id) AND l.team_id = ANY(\(scope.teams)) AND l.direction = \(direction)"
    }
}
