import Logging
import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Connection pool", .timeLimit(.minutes(1)))
struct ConnectionPoolTests {
    /// Cuts every connection to the database.
    private func terminate(_ database: TestDatabase) async throws {
        let administration = ConnectionPool(try await TestCluster.running().administration, limit: 1, observer: TestCluster.observer)
        let name = database.configuration.database
        try await administration.run {
            try $0.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = \(name)")
        }
        await administration.close()
    }

    @Test("idle connections that the server ended are replaced before anyone notices")
    func survivesTermination() async throws {
        let database = try await TestDatabase.empty()
        let before = try await database.pool.run { $0.backendProcess }
        try await terminate(database)
        let after = try await database.pool.run { $0.backendProcess }
        #expect(before != after)
        await database.pool.close()
    }

    @Test("a transaction whose connection is cut is repeated as a whole, and takes effect once")
    func repeatsTransaction() async throws {
        let database = try await TestDatabase.empty()
        try await database.pool.run { try $0.run(unescapedScript: "CREATE TABLE marks (attempt int)") }
        let administration = ConnectionPool(try await TestCluster.running().administration, limit: 1, observer: TestCluster.observer)
        let attempts = Counter()
        try await database.pool.transaction { transaction in
            let attempt = attempts.next()
            try transaction.execute("INSERT INTO marks VALUES (\(attempt))")
            if attempt == 1 {
                // Its own connection: what an operator's pg_terminate_backend or a server crash does.
                try transaction.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        let marks = try await database.pool.run { try $0.values("SELECT attempt FROM marks", as: Int.self) }
        #expect(marks == [2])
        await administration.close()
        await database.pool.close()
    }

    @Test("a serialization failure is tried again")
    func repeatsSerializationFailure() async throws {
        let database = try await TestDatabase.empty()
        try await database.pool.run { try $0.run(unescapedScript: "CREATE TABLE counter (value int); INSERT INTO counter VALUES (0)") }
        let pool = database.pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<5 {
                        try await pool.transaction(.serializable) { transaction in
                            let value = try transaction.value("SELECT value FROM counter", as: Int.self) ?? 0
                            try transaction.execute("UPDATE counter SET value = \(value + 1)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.run { try $0.value("SELECT value FROM counter", as: Int.self) } == 20)
        await pool.close()
    }

    @Test("a transaction that throws leaves nothing, and the connection goes on")
    func rollsBack() async throws {
        struct Stop: Error {}
        let database = try await TestDatabase.empty(connections: 1)
        try await database.pool.run { try $0.run(unescapedScript: "CREATE TABLE one (id int)") }
        await #expect(throws: Stop.self) {
            try await database.pool.transaction { transaction in
                try transaction.execute("INSERT INTO one VALUES (1)")
                throw Stop()
            }
        }
        #expect(try await database.pool.run { try $0.value("SELECT count(*) FROM one", as: Int.self) } == 0)
        await database.pool.close()
    }

    @Test("a body that swallows a refused statement does not commit")
    func swallowedFailure() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        do {
            try await database.pool.transaction { transaction in
                do { try transaction.execute("SELECT 1 / 0") } catch {}
            }
            Issue.record("a failed transaction was reported as committed")
        } catch let error as PostgresError {
            #expect(error.sqlState == .inFailedTransaction)
        }
        #expect(try await database.pool.run { try $0.value("SELECT 1", as: Int.self) } == 1)
        await database.pool.close()
    }

    @Test("callers beyond the bound wait their turn, and give up after the time allowed")
    func bounded() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let pool = ConnectionPool(
            database.configuration, limit: 1, acquireTimeout: .milliseconds(50), observer: TestCluster.observer)
        let gate = Gate()
        async let holder: Void = pool.run { _ in gate.enterAndWait() }
        await gate.entered()
        await #expect(throws: PostgresError.timedOut(waitedFor: .milliseconds(50))) { try await pool.run { _ in } }
        gate.open()
        try await holder
        try await pool.run { _ in }
        await pool.close()
        await #expect(throws: PostgresError.closed) { try await pool.run { _ in } }
        await database.pool.close()
    }

    @Test("a waiting caller that is cancelled leaves the queue")
    func cancelledWaiter() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let pool = database.pool
        let gate = Gate()
        async let holder: Void = pool.run { _ in gate.enterAndWait() }
        await gate.entered()
        let waiter = Task { try await pool.run { _ in } }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        gate.open()
        try await holder
        try await pool.run { _ in }
        await pool.close()
    }

    @Test("a statement that runs too long is ended by the server")
    func statementTimeout() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        var configuration = database.configuration
        configuration.statementTimeout = .milliseconds(50)
        let pool = ConnectionPool(configuration, limit: 1, observer: TestCluster.observer)
        do {
            try await pool.run { try $0.execute("SELECT pg_sleep(60)") }
            Issue.record("the statement ended by itself")
        } catch let error as PostgresError {
            #expect(error.sqlState == .queryCanceled)
        }
        await pool.close()
        await database.pool.close()
    }

    @Test("a transaction that hangs gives its locks up before those who wait for them are ended")
    func idleTransactions() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        func milliseconds(_ name: String) async throws -> Int? {
            try await database.pool.run { try $0.value("SELECT setting::bigint FROM pg_settings WHERE name = \(name)", as: Int.self) }
        }
        let idle = try #require(await milliseconds("idle_in_transaction_session_timeout"))
        let statement = try #require(await milliseconds("statement_timeout"))
        #expect(idle > 0 && idle < statement)
        await database.pool.close()
    }

    @Test("a server that is not there is told within the time allowed")
    func unavailable() async throws {
        let pool = ConnectionPool(
            ConnectionConfiguration(socketDirectory: "/nonexistent", database: "d", user: "u"), limit: 1,
            acquireTimeout: .milliseconds(150), observer: TestCluster.observer)
        do {
            try await pool.run { _ in }
            Issue.record("connected to nothing")
        } catch PostgresError.unavailable {
            // As it should be.
        }
        await pool.close()
    }

    @Test("more statements than the cache holds still run")
    func statementCache() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let sum = try await database.pool.run { connection in
            var sum = 0
            for index in 0..<600 { sum += try connection.value("SELECT \(unescaped: String(index))", as: Int.self) ?? 0 }
            return sum
        }
        #expect(sum == 179_700)
        await database.pool.close()
    }

    @Test("a database URL is read, and never repeated in errors or descriptions")
    func url() throws {
        let configuration = try ConnectionConfiguration(url: "postgresql://app:s3cret@db.example:5433/media?sslmode=verify-full")
        #expect(configuration.database == "media")
        #expect(!configuration.description.contains("s3cret"))
        #expect(throws: PostgresError.invalidConfiguration("the database URL is not a PostgreSQL URL or keyword string")) {
            try ConnectionConfiguration(url: "postgresql://app:s3cret@[")
        }
    }

    @Test(
        "the text of a failure is told without the password, also where the URL splits it",
        arguments: ["app:s3cret@db.example", "app:x@s3cret@db.example", "app:12/s3cret@db.example"])
    func redaction(authority: String) throws {
        let configuration = try ConnectionConfiguration(url: "postgresql://\(authority)/media")
        let text = configuration.redacted("connection to \"s3cret@db.example\" as s3cret failed")
        #expect(!text.contains("s3cret"))
        #expect(text.contains("connection"))
    }
}

@Suite("Notifications", .timeLimit(.minutes(1)))
struct NotificationListenerTests {
    @Test("notifications arrive, also after the listener's connection was cut")
    func reconnects() async throws {
        let database = try await TestDatabase.empty()
        let listener = NotificationListener(database.configuration, channels: ["Mixed Case"], observer: TestCluster.observer)
        var notifications = listener.notifications().makeAsyncIterator()
        #expect(await notifications.next() == .resumed)
        try await database.pool.run { try $0.execute("SELECT pg_notify('Mixed Case', \("first"))") }
        #expect(await notifications.next() == .received(channel: "Mixed Case", payload: "first"))

        let administration = ConnectionPool(try await TestCluster.running().administration, limit: 1, observer: TestCluster.observer)
        let name = database.configuration.database
        try await administration.run {
            try $0.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = \(name)")
        }
        await administration.close()
        #expect(await notifications.next() == .resumed)
        try await database.pool.run { try $0.execute("SELECT pg_notify('Mixed Case', \("second"))") }
        #expect(await notifications.next() == .received(channel: "Mixed Case", payload: "second"))
        await database.pool.close()
    }
}
