import Logging
package import Postgres
import Primitives
import Store

/// A database of its own for one test, dropped with its owner's end.
package final class TestDatabase: Sendable {
    package let configuration: ConnectionConfiguration
    package let pool: ConnectionPool

    private init(configuration: ConnectionConfiguration, connections: Int) {
        self.configuration = configuration
        pool = ConnectionPool(configuration, limit: connections, observer: TestCluster.observer)
    }

    private static let template = Task {
        let cluster = try await TestCluster.running()
        let configuration = try await create("remaster_template", from: "template0", in: cluster)
        let pool = ConnectionPool(configuration, limit: 1, observer: TestCluster.observer)
        _ = try await Migrator(pool: pool, observer: TestCluster.observer).migrate()
        await pool.close()
    }

    /// A copy of the migrated template.
    package static func migrated(connections: Int = 4) async throws -> TestDatabase {
        try await template.value
        let cluster = try await TestCluster.running()
        return TestDatabase(configuration: try await create(uniqueName(), from: "remaster_template", in: cluster), connections: connections)
    }

    /// A database without tables.
    package static func empty(connections: Int = 4) async throws -> TestDatabase {
        let cluster = try await TestCluster.running()
        return TestDatabase(configuration: try await create(uniqueName(), from: "template0", in: cluster), connections: connections)
    }

    /// Runs `body` with a migrated database and ends its connections afterwards.
    package static func withMigrated<Value>(
        connections: Int = 4, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await migrated(connections: connections)
        do {
            let value = try await body(database)
            await database.pool.close()
            return value
        } catch {
            await database.pool.close()
            throw error
        }
    }

    private static func uniqueName() -> String { "t_" + ID<TestDatabase>().description.replacing("-", with: "") }

    private static func create(_ name: String, from template: String, in cluster: EmbeddedCluster) async throws -> ConnectionConfiguration {
        // Many tests begin at once and make their databases one after the other.
        var patient = cluster.administration
        patient.statementTimeout = .seconds(600)
        let administration = ConnectionPool(patient, limit: 1, observer: TestCluster.observer)
        try await administration.run { connection in
            // Two copies of one template at once would refuse each other.
            try connection.execute("SELECT pg_advisory_lock(1)")
            try connection.run(unescapedScript: "CREATE DATABASE \(name) TEMPLATE \(template) OWNER remaster STRATEGY wal_log")
            try connection.execute("SELECT pg_advisory_unlock(1)")
        }
        await administration.close()
        return cluster.connection.database(name)
    }
}
