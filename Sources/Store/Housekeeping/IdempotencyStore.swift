package import Domain
package import Postgres
package import Primitives

/// Answers kept for requests that name an idempotency key, so that a repeated one is not carried out twice.
package struct IdempotencyStore: Sendable {
    /// How a request with a key is to be treated.
    package enum Claim: Equatable, Sendable {
        /// It is the first: carry it out, then `finish` or `abandon`.
        case first
        /// It was carried out: answer like this.
        case repeated(status: Int, body: [UInt8])
        /// The first is under way.
        case underWay
        /// The key was used for another request.
        case mismatch
    }

    /// How long an answer is kept, and how long a request may be under way before its key is free again.
    package static let retention: Duration = .seconds(86_400)
    package static let abandonment: Duration = .seconds(300)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// - Parameter fingerprint: a digest of what the request asks for.
    package func claim(_ key: String, user: ID<User>, fingerprint: [UInt8]) async throws -> Claim {
        try await pool.transaction { transaction in
            let claimed = try transaction.execute(
                """
                INSERT INTO idempotency_keys AS k (user_id, key, fingerprint) VALUES (\(user), \(key), \(Bytea(fingerprint)))
                ON CONFLICT (user_id, key) DO UPDATE
                SET fingerprint = excluded.fingerprint, created_at = now(), status = NULL, body = NULL
                WHERE k.created_at < now() - make_interval(secs => \(Self.retention))
                    OR (k.status IS NULL AND k.created_at < now() - make_interval(secs => \(Self.abandonment)))
                """)
            if claimed == 1 { return .first }
            let kept: Kept? = try transaction.first(
                "SELECT fingerprint, status, body FROM idempotency_keys WHERE user_id = \(user) AND key = \(key)")
            guard let kept, kept.fingerprint == fingerprint else { return .mismatch }
            guard let status = kept.status, let body = kept.body else { return .underWay }
            return .repeated(status: status, body: body)
        }
    }

    /// Keeps the answer of the first request.
    package func finish(_ key: String, user: ID<User>, status: Int, body: [UInt8]) async throws {
        try await pool.run {
            try $0.execute(
                "UPDATE idempotency_keys SET status = \(status), body = \(Bytea(body)) WHERE user_id = \(user) AND key = \(key)")
        }
    }

    /// Frees the key of a request that was not carried out.
    package func abandon(_ key: String, user: ID<User>) async throws {
        try await pool.run {
            try $0.execute("DELETE FROM idempotency_keys WHERE user_id = \(user) AND key = \(key) AND status IS NULL")
        }
    }

    /// Forgets old answers; returns how many.
    package func prune() async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(secs => \(Self.retention))")
        }
    }

    private struct Kept: RowDecodable {
        let fingerprint: [UInt8]
        let status: Int?
        let body: [UInt8]?

        init(row: inout Row) throws(PostgresError) {
            fingerprint = try row.next(Bytea.self).bytes
            status = try row.next()
            body = try row.next(Bytea?.self)?.bytes
        }
    }
}
