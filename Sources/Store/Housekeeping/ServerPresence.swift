import Logging
package import Postgres
import Synchronization
package import Telemetry

/// A lock in the database that a process holds for as long as it lives: by it others know whether what the process has begun
/// is still under way. It ends with its connection, so also with a kill.
package final class ServerPresence: Sendable {
    /// Number of the lock, of this process alone.
    let lock = Int64.random(in: .min ... .max)

    /// How soon a lock that was lost with its connection is taken again.
    private static let interval: Duration = .seconds(1)

    /// One connection: its session holds the lock.
    private let pool: ConnectionPool
    private let session = Mutex<Int?>(nil)
    private let observer: Observer

    package init(_ configuration: ConnectionConfiguration, observer: Observer) {
        pool = ConnectionPool(configuration, limit: 1, observer: observer)
        self.observer = observer
    }

    /// Takes the lock; returns once it is held.
    package func announce() async throws {
        let (lock, known) = (lock, session.withLock { $0 })
        let current = try await pool.run { connection in
            let current = try connection.value("SELECT pg_backend_pid()::bigint", as: Int.self)
            if current != known { try connection.execute("SELECT pg_advisory_lock(\(lock))") }
            return current
        }
        session.withLock { $0 = current }
    }

    /// Keeps the lock until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.interval)
                try await announce()
            } catch is CancellationError {
                break
            } catch {
                observer.logger.warning("the server's presence cannot be announced", metadata: ["error": "\(error)"])
            }
        }
        await pool.close()
    }

    /// Gives the lock up.
    package func end() async { await pool.close() }
}
