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
        let cluster = try await EmbeddedCluster.start(
            EmbeddedCluster.Settings(dataDirectory: configuration.dataDirectory), observer: observer)
        return Database(connection: cluster.connection, cluster: cluster)
    }

    /// For a tool: the configured database, the running server's cluster, or the cluster started for as long as the tool
    /// runs.
    static func join(_ configuration: Configuration, observer: Observer) async throws -> Database {
        if configuration.databaseURL == nil, let running = EmbeddedCluster.running(dataDirectory: configuration.dataDirectory) {
            return Database(connection: running, cluster: nil)
        }
        return try await open(configuration, observer: observer)
    }
}
