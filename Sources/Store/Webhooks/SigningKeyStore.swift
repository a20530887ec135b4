package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A key pair that signs deliveries; its private half sealed.
package struct SigningKeyRecord: Hashable, RowDecodable {
    package let id: ID<SigningKey>
    package let createdAt: Date
    package let updatedAt: Date
    /// Base64 of the SubjectPublicKeyInfo.
    package let publicKey: String
    package let sealedPrivateKey: [UInt8]
    /// Nothing is signed with it earlier.
    package let signsFrom: Date
    /// Nil for the newest key.
    package let expiresAt: Date?

    static let columns: SQL = "k.id, k.created_at, k.updated_at, k.public_key, k.sealed_private_key, k.signs_from, k.expires_at"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        publicKey = try row.next()
        sealedPrivateKey = try row.next(Bytea.self).bytes
        signsFrom = try row.next()
        expiresAt = try row.next()
    }
}

/// Keys that sign deliveries: one that does not expire, and during a rotation the one before it.
package struct SigningKeyStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Keys a receiver may meet, the newest first: never more than two.
    package func published() async throws -> [SigningKeyRecord] {
        try await pool.run {
            try $0.query(
                """
                SELECT \(SigningKeyRecord.columns) FROM webhook_signing_keys k WHERE k.expires_at IS NULL OR k.expires_at > now()
                ORDER BY k.created_at DESC LIMIT 2
                """)
        }
    }

    /// A published key; nil when it is unknown or has expired.
    package func get(_ id: ID<SigningKey>) async throws -> SigningKeyRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(SigningKeyRecord.columns) FROM webhook_signing_keys k
                WHERE k.id = \(id) AND (k.expires_at IS NULL OR k.expires_at > now())
                """)
        }
    }

    /// The key to sign with now: the newest that is in force. Nil before the first was made.
    package func current() async throws -> SigningKeyRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(SigningKeyRecord.columns) FROM webhook_signing_keys k
                WHERE k.signs_from <= now() AND (k.expires_at IS NULL OR k.expires_at > now())
                ORDER BY k.created_at DESC LIMIT 1
                """)
        }
    }

    /// Makes a new key the one that does not expire, unless the present one is younger than `age`: so that of several
    /// processes that find it old only one rotates.
    ///
    /// - Parameters:
    ///   - notice: how long the new key is published before anything is signed with it; the very first signs at once.
    ///   - grace: how long the old key stays published after that.
    /// - Returns: whether the new key was taken.
    @discardableResult
    package func rotate(
        to id: ID<SigningKey>, publicKey: String, sealedPrivateKey: [UInt8], ifOlderThan age: Duration, notice: Duration,
        grace: Duration
    ) async throws -> Bool {
        try await pool.transaction { transaction in
            // "sign" in ASCII: one rotation at a time.
            try transaction.execute("SELECT pg_advisory_xact_lock(\(Int64(0x7369_676E)))")
            let isFresh = try transaction.value(
                """
                SELECT 1 FROM webhook_signing_keys WHERE expires_at IS NULL AND created_at > now() - make_interval(secs => \(age))
                """, as: Int.self)
            if isFresh != nil { return false }
            let replaced = try transaction.execute(
                """
                UPDATE webhook_signing_keys SET expires_at = now() + make_interval(secs => \(notice + grace)), updated_at = now()
                WHERE expires_at IS NULL
                """)
            try transaction.execute(
                """
                INSERT INTO webhook_signing_keys (id, public_key, sealed_private_key, signs_from)
                VALUES (\(id), \(publicKey), \(Bytea(sealedPrivateKey)),
                    now() + make_interval(secs => \(replaced == 0 ? .zero : notice)))
                """)
            return true
        }
    }
}
