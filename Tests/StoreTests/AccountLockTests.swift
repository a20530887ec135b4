import Dispatch
import Postgres
import Store
import TestSupport
import Testing

/// The lock after wrong passwords, where guesses come at the same time.
@Suite("Accounts, guesses at once", .timeLimit(.minutes(2)))
struct AccountLockTests {
    private static let email = "owner@example.com"
    private static let password = "correct horse"

    /// Wrong passwords counted, and seconds until the lock ends; nil for an account that is open.
    private static func standing(_ fixture: Fixture) async throws -> (failures: Int?, seconds: Double?) {
        try await fixture.pool.run { connection in
            (
                try connection.value("SELECT failed_sign_ins FROM users", as: Int.self),
                try connection.value(
                    "SELECT extract(epoch FROM locked_until - now())::float8 FROM users WHERE locked_until > now()", as: Double.self)
            )
        }
    }

    @Test("of a burst of wrong passwords ten are tried, and the right one does not open the account then")
    func burst() async throws {
        try await Fixture.with { fixture in
            let accounts = AccountStore(pool: fixture.pool)
            let answers = try await withThrowingTaskGroup(of: AccountStore.SignIn.self) { group in
                for index in 0..<40 {
                    group.addTask { try await accounts.signIn(email: Self.email, password: "wrong \(index)") }
                }
                return try await group.reduce(into: [AccountStore.SignIn]()) { $0.append($1) }
            }
            let wrong = answers.count { $0 == .wrongCredentials }
            #expect(wrong == AccountStore.failuresUntilLocked - 1)
            let locked = answers.count { if case .locked = $0 { true } else { false } }
            #expect(wrong + locked == 40)
            #expect(try await Self.standing(fixture).failures == AccountStore.failuresUntilLocked)
            guard case .locked = try await accounts.signIn(email: Self.email, password: Self.password) else {
                Issue.record("the right password opened a locked account")
                return
            }
            #expect(try await Self.standing(fixture).seconds != nil)
        }
    }

    @Test("a lock that another process set while passwords were being tried holds against them, right or wrong")
    func lockedMeanwhile() async throws {
        try await Fixture.with(connections: 6) { fixture in
            let pool = fixture.pool
            try await pool.run { try $0.execute("UPDATE users SET failed_sign_ins = 9") }
            let (held, mayCommit) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            // The process that counts the tenth.
            async let tenth: Void = pool.transaction { transaction in
                try transaction.execute("UPDATE users SET failed_sign_ins = 10, locked_until = now() + interval '5 minutes'")
                held.signal()
                // The lane of this connection waits, no thread of the pool.
                mayCommit.wait()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    held.wait()
                    continuation.resume()
                }
            }
            // Both read the row as it was, and come to the lock with their passwords tried.
            async let right = AccountStore(pool: pool).signIn(email: Self.email, password: Self.password)
            async let wrong = AccountStore(pool: pool).signIn(email: Self.email, password: "wrong")
            let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            while try await pool.run({ try $0.value(waiting, as: Int.self) ?? 0 }) < 2 { await Task.yield() }
            mayCommit.signal()
            try await tenth
            for answer in [try await right, try await wrong] {
                guard case .locked = answer else {
                    Issue.record("\(answer) instead of locked")
                    continue
                }
            }
            let standing = try await Self.standing(fixture)
            #expect(standing.failures == 10)
            #expect(standing.seconds.map { $0 > 0 && $0 <= 300 } == true)
        }
    }
}
