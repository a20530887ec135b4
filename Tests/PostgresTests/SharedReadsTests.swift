import Postgres
import TestSupport
import Testing

@Suite("Rules of shared reads")
struct SharedReadsTests {
    @Test("carriers are asked for until there are enough, and take along what waits, the oldest first")
    func batches() {
        var reads = SharedReads<Int>(carriers: 2, batch: 3)
        let asked = (1...5).map { reads.add($0) }
        #expect(asked == [true, true, false, false, false])
        #expect(reads.next() == [1, 2, 3])
        #expect(reads.next() == [4, 5])
        #expect(reads.next() == nil)
        #expect(reads.carriers == 1)
        let isAskedAgain = reads.add(6)
        #expect(isAskedAgain && reads.carriers == 2)
    }

    @Test("what was not carried out goes first, in its order")
    func putsBack() {
        var reads = SharedReads<Int>(carriers: 1, batch: 2)
        for read in 1...4 { _ = reads.add(read) }
        #expect(reads.next() == [1, 2])
        reads.putBack([2])
        #expect(reads.next() == [2, 3])
    }

    @Test("the last carrier to give up leaves nobody waiting; one before it leaves the reads to the others")
    func abandons() {
        var reads = SharedReads<Int>(carriers: 2, batch: 2)
        for read in 1...3 { _ = reads.add(read) }
        #expect(reads.abandon().isEmpty)
        #expect(reads.abandon() == [1, 2, 3])
        #expect(reads.carriers == 0)
        let isAskedAgain = reads.add(4)
        #expect(isAskedAgain)
    }
}

@Suite("Reads that share round trips", .timeLimit(.minutes(1)))
struct ConnectionPoolReadsTests {
    private struct Number: RowDecodable, Equatable {
        let value: Int
        init(row: inout Row) throws(PostgresError) { value = try row.next() }
    }

    /// Many reads at once; each result by its number.
    private func readAll(
        _ count: Int, from pool: ConnectionPool, _ sql: @escaping @Sendable (Int) -> SQL
    ) async -> [Int: Result<Int?, PostgresError>] {
        await withTaskGroup(of: (Int, Result<Int?, PostgresError>).self) { group in
            for number in 0..<count {
                group.addTask {
                    do { return (number, .success(try await pool.readFirst(Statement(sql(number)), as: Number.self)?.value)) } catch {
                        return (number, .failure(error as? PostgresError ?? .closed))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("each caller gets the answer to its own statement", arguments: [1, 4])
    func answers(connections: Int) async throws {
        let database = try await TestDatabase.empty(connections: connections)
        let results = await readAll(400, from: database.pool) { number in
            // Three statements, each prepared where it first comes.
            switch number % 3 {
            case 0: "SELECT \(number)::int8"
            case 1: "SELECT \(number)::int8 + 1"
            default: "SELECT 1::int8 WHERE \(number)::int8 < 0"
            }
        }
        for number in 0..<400 {
            let expected: Int? = [number, number + 1, nil][number % 3]
            #expect(results[number] == .success(expected))
        }
        await database.pool.close()
    }

    @Test("a statement that is refused is its own caller's affair, also when it cannot even be prepared")
    func refusals() async throws {
        let database = try await TestDatabase.empty(connections: 2)
        let results = await readAll(200, from: database.pool) { number in
            switch number {
            case 50, 51: "SELECT 1::int8 / \(0)::int8"
            case 120: "SELECT nothing FROM nowhere"
            case 130: "SELECT generate_series(1, 2)::int8"
            default: "SELECT \(number)::int8"
            }
        }
        for number in 0..<200 {
            let result = try #require(results[number])
            switch number {
            case 50, 51: #expect(throws: PostgresError.self) { try result.get() }
            case 120:
                #expect { try result.get() } throws: { ($0 as? PostgresError)?.sqlState?.rawValue == "42P01" }
            case 130: #expect(result == .failure(.rowCount(expected: "at most 1", actual: 2)))
            default: #expect(result == .success(number))
            }
        }
        await database.pool.close()
    }

    @Test("more statements than the cache holds still run")
    func statementCache() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let results = await readAll(600, from: database.pool) { "SELECT \(unescaped: String($0))::int8" }
        #expect((0..<600).allSatisfy { results[$0] == .success($0) })
        await database.pool.close()
    }

    @Test("reads wait for a connection no longer than allowed, and none is lent when the pool is closed")
    func bounded() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let pool = ConnectionPool(database.configuration, limit: 1, acquireTimeout: .milliseconds(50), observer: TestCluster.observer)
        let gate = Gate()
        async let holder: Void = pool.run { _ in gate.enterAndWait() }
        await gate.entered()
        let results = await readAll(3, from: pool) { "SELECT \($0)::int8" }
        #expect(results.values.allSatisfy { $0 == .failure(.timedOut(waitedFor: .milliseconds(50))) })
        gate.open()
        try await holder
        #expect(try await pool.readFirst(Statement("SELECT 7::int8"), as: Number.self)?.value == 7)
        await pool.close()
        await #expect(throws: PostgresError.closed) { try await pool.readFirst(Statement("SELECT 1::int8"), as: Number.self) }
        await database.pool.close()
    }

    @Test("connections that the server ended are replaced; a server that is not there is told within the time allowed")
    func lostConnections() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        _ = try await database.pool.readFirst(Statement("SELECT 1::int8"), as: Number.self)
        let cut = try await database.pool.run { $0.backendProcess }
        let administration = ConnectionPool(try await TestCluster.running().administration, limit: 1, observer: TestCluster.observer)
        try await administration.run { try $0.execute("SELECT pg_terminate_backend(\(Int(cut))::int4, 10000)") }
        await administration.close()
        #expect(try await database.pool.readFirst(Statement("SELECT 2::int8"), as: Number.self)?.value == 2)
        await database.pool.close()

        let absent = ConnectionPool(
            ConnectionConfiguration(socketDirectory: "/nonexistent", database: "d", user: "u"), limit: 1,
            acquireTimeout: .milliseconds(150), observer: TestCluster.observer)
        await #expect { try await absent.readFirst(Statement("SELECT 1::int8"), as: Number.self) } throws: {
            if case .unavailable = $0 as? PostgresError { true } else { false }
        }
        await absent.close()
    }
}
