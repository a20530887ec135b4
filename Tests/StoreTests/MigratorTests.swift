import Postgres
import TestSupport
import Testing

import Store

@Suite("Migrator")
struct MigratorTests {
    @Test("brings an empty database up to date, once")
    func idempotent() async throws {
        let database = try await TestDatabase.empty()
        let migrator = Migrator(pool: database.pool, observer: TestCluster.observer)
        #expect(try await migrator.migrate() == Migrator.embedded.map(\.name))
        #expect(try await migrator.migrate() == [])
        await database.pool.close()
    }

    @Test("migrators of several processes apply each step once")
    func concurrent() async throws {
        let database = try await TestDatabase.empty(connections: 4)
        let migrator = Migrator(pool: database.pool, observer: TestCluster.observer)
        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<4 { group.addTask { try await migrator.migrate() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied == Migrator.embedded.map(\.name))
        await database.pool.close()
    }

    @Test("a step that was applied and reads otherwise now is refused")
    func changedStep() async throws {
        let database = try await TestDatabase.empty()
        func migrator(_ script: String) -> Migrator {
            Migrator(
                pool: database.pool, observer: TestCluster.observer,
                steps: [Migrator.Step(number: 1, name: "0001_create_a", script: script)])
        }
        try await migrator("CREATE TABLE a (id int)").migrate()
        await #expect(throws: Migrator.Problem.changed(step: "0001_create_a")) {
            try await migrator("CREATE TABLE a (id bigint)").migrate()
        }
        await database.pool.close()
    }

    @Test("a step that fails leaves nothing of itself behind, and what came before stays")
    func failingStep() async throws {
        let database = try await TestDatabase.empty()
        let good = Migrator.Step(number: 1, name: "0001_create_a", script: "CREATE TABLE a (id int)")
        let bad = Migrator.Step(number: 2, name: "0002_create_b", script: "CREATE TABLE b (id int); SELECT 1 / 0")
        await #expect(throws: PostgresError.self) {
            try await Migrator(pool: database.pool, observer: TestCluster.observer, steps: [good, bad]).migrate()
        }
        let tables = try await database.pool.run {
            try $0.values("SELECT relname::text FROM pg_class WHERE relname IN ('a', 'b')", as: String.self)
        }
        #expect(tables == ["a"])
        await database.pool.close()
    }

    @Test("a step whose number was left out is applied when it comes")
    func leftOut() async throws {
        let database = try await TestDatabase.empty()
        func step(_ number: Int) -> Migrator.Step {
            Migrator.Step(number: number, name: "\(number)", script: "CREATE TABLE t\(number) (id int)")
        }
        func migrator(_ numbers: Int...) -> Migrator {
            Migrator(pool: database.pool, observer: TestCluster.observer, steps: numbers.map(step))
        }
        #expect(try await migrator(1, 3).migrate() == ["1", "3"])
        #expect(try await migrator(1, 2, 3).migrate() == ["2"])
        #expect(try await migrator(1, 2, 3).migrate() == [])
        await database.pool.close()
    }

    @Test("a database of a newer version is refused")
    func newerDatabase() async throws {
        let database = try await TestDatabase.empty()
        let steps = [1, 2].map { Migrator.Step(number: $0, name: "000\($0)", script: "SELECT 1") }
        try await Migrator(pool: database.pool, observer: TestCluster.observer, steps: steps).migrate()
        await #expect(throws: Migrator.Problem.newerDatabase(step: 2, known: 1)) {
            try await Migrator(pool: database.pool, observer: TestCluster.observer, steps: [steps[0]]).migrate()
        }
        await database.pool.close()
    }
}
