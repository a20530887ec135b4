package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives
import Synchronization

/// Answers kept for requests that name an idempotency key, so that a repeated one is not carried out twice.
///
/// A key is claimed before its request is carried out. The request's changes mark the claim in their own transactions
/// (`RequestScope`): a claim that was lost can change nothing, and a key whose process died is free exactly when nothing was
/// changed.
package struct IdempotencyStore: Sendable {
    /// How a request with a key is to be treated.
    package enum Claim: Equatable, Sendable {
        /// It is the first: carry it out, then `finish` or `abandon`.
        case first(HeldClaim)
        /// It was carried out: answer like this. `location` is the value of that field.
        case repeated(status: Int, body: [UInt8], location: String? = nil)
        /// It has changed something, and its answer was lost with its process: these were changed or made.
        case answerLost([UUID])
        /// The first is under way.
        case underWay
        /// The key was used for another request.
        case mismatch
    }

    /// The right to carry a request out.
    package struct HeldClaim: Hashable, Sendable {
        let key: String
        let user: ID<User>
        let token: UUID

        fileprivate var row: SQL { "user_id = \(user) AND key = \(key) AND token = \(token)" }
    }

    /// How long an answer is kept.
    package static let retention: Duration = .seconds(86_400)

    private let pool: ConnectionPool
    private let presence: ServerPresence
    private let held = HeldTokens()

    /// One store a process: it knows which claims are being carried out here.
    ///
    /// - Parameter presence: of this process, announced.
    package init(pool: ConnectionPool, presence: ServerPresence) {
        self.pool = pool
        self.presence = presence
    }

    /// - Parameter fingerprint: a digest of what the request asks for.
    package func claim(_ key: String, user: ID<User>, fingerprint: [UInt8]) async throws -> Claim {
        let claim = HeldClaim(key: key, user: user, token: UUID())
        // Before others can see it in the database.
        held.insert(claim.token)
        do {
            let answer = try await attempt(claim, fingerprint: fingerprint)
            if answer != .first(claim) { held.remove(claim.token) }
            return answer
        } catch {
            held.remove(claim.token)
            throw error
        }
    }

    private func attempt(_ claim: HeldClaim, fingerprint: [UInt8]) async throws -> Claim {
        let (key, user, own, held) = (claim.key, claim.user, presence.lock, held)
        return try await pool.transaction { transaction in
            let claimed = try transaction.execute(
                """
                INSERT INTO idempotency_keys AS k (user_id, key, fingerprint, token, holder)
                VALUES (\(user), \(key), \(Bytea(fingerprint)), \(claim.token), \(own))
                ON CONFLICT (user_id, key) DO UPDATE SET \(Self.renewal)
                WHERE k.created_at < now() - make_interval(secs => \(Self.retention))
                """)
            if claimed == 1 { return .first(claim) }
            let kept: Kept? = try transaction.first(
                "SELECT \(Kept.columns) FROM idempotency_keys WHERE user_id = \(user) AND key = \(key) FOR UPDATE")
            // Given up this moment: whoever asks again will find it free.
            guard let kept else { return .underWay }
            let isSame = kept.fingerprint == fingerprint
            if let status = kept.status, let body = kept.body {
                return isSame ? .repeated(status: status, body: body, location: kept.location) : .mismatch
            }
            if try kept.isCarriedOut(own: own, held: held, in: transaction) { return isSame ? .underWay : .mismatch }
            if kept.hasChanged { return isSame ? .answerLost(kept.subjects) : .mismatch }
            try transaction.execute(
                """
                INSERT INTO idempotency_keys AS k (user_id, key, fingerprint, token, holder)
                VALUES (\(user), \(key), \(Bytea(fingerprint)), \(claim.token), \(own))
                ON CONFLICT (user_id, key) DO UPDATE SET \(Self.renewal)
                """)
            return .first(claim)
        }
    }

    /// Whatever became of the request's answer, it is carried out no longer: call it once `finish` or `abandon` is over.
    package func release(_ claim: HeldClaim) { held.remove(claim.token) }

    /// Keeps the answer of the first request.
    ///
    /// - Parameter location: value of the field, for an answer that has it.
    package func finish(_ claim: HeldClaim, status: Int, body: [UInt8], location: String? = nil) async throws {
        try await pool.run {
            try $0.execute(
                "UPDATE idempotency_keys SET status = \(status), body = \(Bytea(body)), location = \(location) WHERE \(claim.row)")
        }
    }

    /// Gives up the key of a request that was refused: it is free again, unless something was changed before.
    package func abandon(_ claim: HeldClaim) async throws {
        try await pool.transaction { transaction in
            let freed = try transaction.execute("DELETE FROM idempotency_keys WHERE \(claim.row) AND status IS NULL AND changed_at IS NULL")
            if freed == 0 { try transaction.execute("UPDATE idempotency_keys SET holder = NULL WHERE \(claim.row)") }
        }
    }

    /// Abandons a claim whose answer could not be kept, as soon as the database is there again; tries for about two minutes.
    package func giveUp(_ claim: HeldClaim) async {
        for attempt in 0..<7 {
            do {
                try await Task.sleep(for: .seconds(1 << attempt))
                return try await abandon(claim)
            } catch is CancellationError {
                return
            } catch {
                continue
            }
        }
    }

    /// Notes with a change that its request has made one. Throws `.conflict(.idempotencyClaimLost)` when another request has
    /// the key by now.
    static func mark(_ claim: HeldClaim, in transaction: borrowing Transaction) throws {
        let marked = try transaction.execute(
            "UPDATE idempotency_keys SET changed_at = coalesce(changed_at, now()) WHERE \(claim.row)")
        guard marked == 1 else { throw StoreError.conflict(.idempotencyClaimLost) }
    }

    /// Notes what came of the request.
    static func note(_ made: [UUID], of claim: HeldClaim, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("UPDATE idempotency_keys SET subjects = subjects || \(made) WHERE \(claim.row)")
    }

    /// Forgets old answers; returns how many.
    package static func prune(_ pool: ConnectionPool) async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(secs => \(Self.retention))")
        }
    }

    /// A key begins anew.
    private static var renewal: SQL {
        """
        fingerprint = excluded.fingerprint, token = excluded.token, holder = excluded.holder, created_at = now(), changed_at = NULL,
            subjects = '{}', status = NULL, body = NULL, location = NULL
        """
    }

    private struct Kept: RowDecodable {
        let fingerprint: [UInt8]
        let status: Int?
        let body: [UInt8]?
        let token: UUID
        let holder: Int64?
        let hasChanged: Bool
        let subjects: [UUID]
        let location: String?

        static let columns: SQL = "fingerprint, status, body, token, holder, changed_at IS NOT NULL, subjects, location"

        init(row: inout Row) throws(PostgresError) {
            fingerprint = try row.next(Bytea.self).bytes
            status = try row.next()
            body = try row.next(Bytea?.self)?.bytes
            token = try row.next()
            holder = try row.next()
            hasChanged = try row.next()
            subjects = try row.next()
            location = try row.next()
        }

        /// Whether the request is being carried out: here, or by another process that is there; a lock that can be had is
        /// nobody's.
        func isCarriedOut(own: Int64, held: HeldTokens, in transaction: borrowing Transaction) throws(PostgresError) -> Bool {
            guard let holder else { return false }
            if holder == own { return held.contains(token) }
            return try transaction.value("SELECT pg_try_advisory_xact_lock(\(holder))", as: Bool.self) == false
        }
    }
}

/// Tokens of the claims that this process is carrying out.
private final class HeldTokens: Sendable {
    private let tokens = Mutex<Set<UUID>>([])

    func insert(_ token: UUID) { tokens.withLock { _ = $0.insert(token) } }
    func remove(_ token: UUID) { tokens.withLock { _ = $0.remove(token) } }
    func contains(_ token: UUID) -> Bool { tokens.withLock { $0.contains(token) } }
}
