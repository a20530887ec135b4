import Foundation
import Postgres
import Store
import Telemetry

/// The database of one process: one that is configured, or the private cluster of the data directory.
struct Database: Sendable {
    let connection: ConnectionConfiguration
    /// Nil when the database is somebody else's.
    let cluster: EmbeddedCluster?

    /// Starts the private cluster when none is configured.
    static func open(_ configuration: Configuration, observer: Observer) async throws -> Database {
        if let url = configuration.databaseURL {
            return Database(connection: try ConnectionConfiguration(url: url), cluster: nil)
        }
        let settings = EmbeddedCluster.Settings(dataDirectory: configuration.dataDirectory)
        let cluster = try await EmbeddedCluster.start(settings, observer: observer)
        return Database(connection: cluster.connection, cluster: cluster)
    }

    /// For a tool: the configured database, the cluster of a server that runs or is starting, or the cluster started for as long
    /// as the tool runs.
    static func join(_ configuration: Configuration, observer: Observer) async throws -> Database {
        guard configuration.databaseURL == nil else { return try await open(configuration, observer: observer) }
        let settings = EmbeddedCluster.Settings(dataDirectory: configuration.dataDirectory)
        switch try await EmbeddedCluster.join(settings, observer: observer) {
        case .running(let connection): return Database(connection: connection, cluster: nil)
        case .own(let cluster): return Database(connection: cluster.connection, cluster: cluster)
        }
    }

    /// Runs a tool's work on the migrated database, beside a running server or without one.
    static func using(
        _ configuration: Configuration, observer: Observer, _ body: (ConnectionPool) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: configuration.dataDirectory, withIntermediateDirectories: true)
        let database = try await join(configuration, observer: observer)
        let pool = ConnectionPool(database.connection, limit: 1, observer: observer)
        do {
            _ = try await Migrator(pool: pool, observer: observer).migrate()
            try await body(pool)
        } catch {
            await pool.close()
            await database.cluster?.stop()
            throw error
        }
        await pool.close()
        await database.cluster?.stop()
    }
}
