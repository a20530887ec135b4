package import Credentials
package import Domain
package import FoundationEssentials
import Lanes
package import Postgres
package import Primitives

/// Users, and how they sign in. Accounts are made and unlocked by the operator's commands, whose entries in the audit log are part
/// of the change.
package struct AccountStore: Sendable {
    /// A user with the team made along with it.
    package struct NewAccount: Sendable {
        package let user: UserRecord
        package let team: TeamRecord
        package let defaultProject: ProjectRecord
    }

    /// The outcome of a sign-in.
    package enum SignIn: Equatable, Sendable {
        case succeeded(UserRecord)
        /// No such address, or another password: not told apart.
        case wrongCredentials
        case locked(until: Date)
        case disabled
    }

    /// Wrong passwords in a row that lock an account, and for how long.
    package static let failuresUntilLocked = 10
    package static let lockDuration: Duration = .seconds(15 * 60)
    /// Name of the project that takes what names no other.
    package static let defaultProjectName = "Default Project"

    private let pool: ConnectionPool
    /// Checking a password takes about 0.1 s and 32 MiB: one at a time, off the shared pool.
    private let passwordLane = SerialLane(label: "store.passwords")
    /// From looking an account up to counting its password: one sign-in at a time.
    private let turns = Turns()

    package init(pool: ConnectionPool) { self.pool = pool }

    /// Makes a user, an API-enabled team and its default project, and an active key where its secret is given. Throws
    /// `.conflict(.emailTaken)`.
    package func createAccount(
        email: String, name: String, password: PasswordHash, teamName: String, firstKey: APIKeySecret? = nil
    ) async throws -> NewAccount {
        try await pool.transaction { transaction in
            let user: UserRecord
            do {
                user = try transaction.one(
                    """
                    INSERT INTO users AS u (id, email, name, password_hash)
                    VALUES (\(ID<User>()), \(email), \(name), \(password.encoded)) RETURNING \(UserRecord.columns)
                    """)
            } catch let error as PostgresError where error.sqlState == .uniqueViolation {
                throw StoreError.conflict(.emailTaken)
            }
            let team = try TeamStore.insert(name: teamName, owner: user.id, apiEnabled: true, in: transaction)
            let project = try ProjectStore.insert(name: Self.defaultProjectName, team: team.id, in: transaction)
            if let firstKey {
                _ = try APIKeyStore.insert(
                    for: user.id, name: "First key", description: nil, isActive: true, secret: firstKey, in: transaction)
            }
            try AuditStore.record(.operator, "account create", team: team.id, user: user.id, in: transaction)
            return NewAccount(user: user, team: team, defaultProject: project)
        }
    }

    /// The user; nil when there is none.
    package func user(_ id: ID<User>) async throws -> UserRecord? {
        try await pool.run { try $0.first("SELECT \(UserRecord.columns) FROM users u WHERE u.id = \(id)") }
    }

    /// The user with this address, however it is capitalised; nil when there is none.
    package func user(email: String) async throws -> UserRecord? {
        try await pool.run { try $0.first("SELECT \(UserRecord.columns) FROM users u WHERE lower(u.email) = lower(\(email))") }
    }

    /// Checks a password and keeps count of wrong ones. Unknown addresses cost as much time as known ones.
    package func signIn(email: String, password: String) async throws -> SignIn {
        // Text that cannot be stored can be nobody's address.
        guard !email.utf8.contains(0) else { return .wrongCredentials }
        // Who is locked out is told so without waiting for the passwords of others.
        if let lockedUntil = try await credentials(of: email)?.lockedUntil { return .locked(until: lockedUntil) }
        return try await turns.take { try await check(email: email, password: password) }
    }

    /// Sets another password and lifts a lock. Throws `.notFound(.user)`.
    package func setPassword(_ password: PasswordHash, of user: ID<User>) async throws {
        let changed = try await pool.run {
            try $0.execute(
                """
                UPDATE users SET password_hash = \(password.encoded), failed_sign_ins = 0, locked_until = NULL, updated_at = now()
                WHERE id = \(user)
                """)
        }
        guard changed == 1 else { throw StoreError.notFound(.user) }
    }

    /// Lifts a lock before its time, and forgets the wrong passwords. Throws `.notFound(.user)`.
    ///
    /// - Returns: whether the account was locked.
    package func unlock(_ user: ID<User>) async throws -> Bool {
        try await pool.transaction { transaction in
            let wasLocked = try transaction.value(
                "SELECT coalesce(locked_until > now(), false) FROM users WHERE id = \(user) FOR UPDATE", as: Bool.self)
            guard let wasLocked else { throw StoreError.notFound(.user) }
            try transaction.execute("UPDATE users SET failed_sign_ins = 0, locked_until = NULL WHERE id = \(user)")
            try AuditStore.record(.operator, "account unlock", team: nil, user: user, in: transaction)
            return wasLocked
        }
    }

    /// Looks the account up when the turn has come: of guesses sent at once, none is tried after the one that locked the account.
    private func check(email: String, password: String) async throws -> SignIn {
        let found = try await credentials(of: email)
        if let lockedUntil = found?.lockedUntil { return .locked(until: lockedUntil) }
        let stored = found?.passwordHash
        let isRight = try await passwordLane.run {
            (stored.map { PasswordHash($0) } ?? Self.decoy)?.matches(password) ?? false
        }
        guard let found else { return .wrongCredentials }
        return try await settle(isRight: isRight, of: found.user.id)
    }

    private func credentials(of email: String) async throws -> Credentials? {
        try await pool.run { try $0.first("SELECT \(Credentials.columns) FROM users u WHERE lower(u.email) = lower(\(email))") }
    }

    /// Counts a password that was tried. The row as it is now decides: another process may have locked the account meanwhile, and
    /// no password, right or wrong, lifts a lock in force or moves its end.
    private func settle(isRight: Bool, of user: ID<User>) async throws -> SignIn {
        try await pool.transaction { transaction -> SignIn in
            let current: Credentials? = try transaction.first(
                "SELECT \(Credentials.columns) FROM users u WHERE u.id = \(user) FOR NO KEY UPDATE")
            guard let current else { return .wrongCredentials }
            if let lockedUntil = current.lockedUntil { return .locked(until: lockedUntil) }
            if isRight {
                if current.isDisabled { return .disabled }
                try transaction.execute(
                    "UPDATE users SET failed_sign_ins = 0, locked_until = NULL WHERE id = \(user) AND failed_sign_ins > 0")
                return .succeeded(current.user)
            }
            let counted: Date?? = try transaction.value(
                """
                UPDATE users SET failed_sign_ins = failed_sign_ins + 1,
                    locked_until = CASE WHEN (failed_sign_ins + 1) % \(Self.failuresUntilLocked) = 0
                        THEN now() + make_interval(secs => \(Self.lockDuration)) END
                WHERE id = \(user) RETURNING locked_until
                """)
            guard let lockedUntil = counted ?? nil else { return .wrongCredentials }
            try AuditStore.record(.system, "lock account after wrong passwords", team: nil, user: user, in: transaction)
            return .locked(until: lockedUntil)
        }
    }

    /// A hash nobody knows the password of.
    private static let decoy: PasswordHash? = {
        do { return try PasswordHash.make(APIKeySecret.generate().text) } catch { return nil }
    }()

    private struct Credentials: RowDecodable {
        let passwordHash: String
        let isDisabled: Bool
        /// Nil where no lock is in force.
        let lockedUntil: Date?
        let user: UserRecord

        static let columns: SQL = """
            u.password_hash, u.is_disabled, CASE WHEN u.locked_until > now() THEN u.locked_until END, \(UserRecord.columns)
            """

        init(row: inout Row) throws(PostgresError) {
            passwordHash = try row.next()
            isDisabled = try row.next()
            lockedUntil = try row.next()
            user = try UserRecord(row: &row)
        }
    }
}
