import Glibc
import Lanes
import Logging
import Primitives
import Synchronization
package import Telemetry

/// A private PostgreSQL server: made once under a data directory, listening on a unix socket only, running while its owner
/// runs, and started again when it dies.
package final class EmbeddedCluster: Sendable {
    /// What a private server is started with.
    package struct Settings: Sendable {
        /// Absolute path; made when absent. Holds `postgres/`, `postgres.log`, `postgres.socket` and `server.lock`.
        package var dataDirectory: String
        package var durability = Durability.durable
        package var owner = Owner.server
        /// How long a server waits for the end of a command that has the data directory, and a command for the database of a
        /// server that starts: long enough for the first start of all, which makes a cluster.
        package var patience = Duration.seconds(60)

        package init(dataDirectory: String) { self.dataDirectory = dataDirectory }
    }

    /// Who has the data directory, and the private server with it.
    package enum Owner: Sendable {
        /// For as long as it runs. Its database is announced: commands work on it, and a second server ends at once.
        case server
        /// For seconds. Its database goes with it and is not announced: whoever wants the directory waits.
        case command
    }

    /// Whether acknowledged work survives a power cut; a killed server loses nothing in either case.
    package enum Durability: Sendable { case durable, volatile }

    private struct State {
        var process: pid_t
        var isStopping = false
    }

    /// The product's own role and database, without superuser rights.
    package let connection: ConnectionConfiguration
    /// The superuser, for making databases.
    package let administration: ConnectionConfiguration
    private let layout: ClusterLayout
    private let launcher: ClusterLauncher
    private let lock: Mutex<DirectoryLock?>
    private let state: Mutex<State>
    private let observer: Observer

    private init(
        layout: ClusterLayout, launcher: ClusterLauncher, lock: consuming DirectoryLock, process: pid_t, observer: Observer
    ) {
        self.layout = layout
        self.launcher = launcher
        self.lock = Mutex(consume lock)
        self.observer = observer
        state = Mutex(State(process: process))
        connection = layout.connection
        administration = layout.administration
    }

    /// Takes the data directory for this process, makes the cluster when there is none, stops what a killed owner left
    /// running, starts the server and waits until it accepts connections.
    ///
    /// Throws `.alreadyRunning` when another server owns the directory, `.stayedInUse` when a command did all the time that was
    /// waited.
    package static func start(_ settings: Settings, observer: Observer) async throws(EmbeddedClusterError) -> EmbeddedCluster {
        guard settings.dataDirectory.hasPrefix("/") else {
            throw .directory(path: settings.dataDirectory, problem: "is not an absolute path")
        }
        let account = try ServerAccount.choose()
        try Directory.make(settings.dataDirectory, mode: 0o755)
        let lock = try await DirectoryLock.take(
            directory: settings.dataDirectory, as: settings.owner, patience: settings.patience, observer: observer)
        let layout = try ClusterLayout(dataDirectory: settings.dataDirectory, account: account)
        layout.withdraw()  // what a killed owner announced
        let programs = try ServerPrograms.find(version: layout.clusterVersion())
        let launcher = ClusterLauncher(
            layout: layout, programs: programs, account: account, durability: settings.durability, observer: observer)
        try await launcher.makeClusterIfAbsent()
        try await launcher.stopOrphan()
        let process = try await launcher.launch()
        let cluster = EmbeddedCluster(layout: layout, launcher: launcher, lock: lock, process: process, observer: observer)
        do {
            try await cluster.makeDatabaseIfAbsent()
        } catch {
            await cluster.stop()
            throw .notReady(log: "\(error)")
        }
        if settings.owner == .server { layout.announce() }
        return cluster
    }

    /// Where the server that another process runs for this data directory listens; nil when none accepts connections.
    package static func running(dataDirectory: String) -> ConnectionConfiguration? {
        guard let connection = ClusterLayout.announced(in: dataDirectory) else { return nil }
        do {
            _ = try Session(connection)
            return connection
        } catch {
            return nil
        }
    }

    /// Process id of the server.
    package var process: Int32 { state.withLock { $0.process } }

    /// Watches the server and starts it again whenever it ends by itself; returns once `stop()` was called or the task is
    /// cancelled.
    package func run() async {
        var pause = Duration.milliseconds(100)
        while true {
            let process = state.withLock { $0.process }
            await ProcessWatch.ended(process)
            if Task.isCancelled || state.withLock({ $0.isStopping }) { return }
            let exit = ChildProcess.reap(process)
            observer.logger.warning("the database ended and is started again", metadata: ["exit": "\(exit.map { "\($0)" } ?? "unknown")"])
            do {
                let restarted = try await launcher.launch()
                state.withLock { $0.process = restarted }
                pause = .milliseconds(100)
            } catch {
                observer.logger.error("the database does not start", metadata: ["cause": "\(error)"])
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    /// Ends the server in an orderly way (sessions are disconnected, data is written), then gives the directory up.
    package func stop() async {
        let process = state.withLock { state -> pid_t? in
            if state.isStopping { return nil }
            state.isStopping = true
            return state.process
        }
        guard let process else { return }
        await launcher.shutDown(process)
        layout.withdraw()
        lock.withLock { $0 = nil }
    }

    /// The role and the database of the product.
    private func makeDatabaseIfAbsent() async throws {
        let administration = administration
        let lane = SerialLane(label: "postgres.bootstrap")
        try await lane.run {
            let connection = Connection(session: try Session(administration))
            let name = ClusterLayout.databaseName
            if try connection.value("SELECT 1 FROM pg_roles WHERE rolname = \(name)", as: Int.self) == nil {
                try connection.run(unescapedScript: "CREATE ROLE \(name) LOGIN")
            }
            if try connection.value("SELECT 1 FROM pg_database WHERE datname = \(name)", as: Int.self) == nil {
                try connection.run(unescapedScript: "CREATE DATABASE \(name) OWNER \(name)")
            }
        }
    }
}
