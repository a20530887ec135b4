package import Domain
import Postgres
package import Primitives

/// Which workers there are, and which trained networks they have: jobs stay with those that have theirs (docs/decisions/0011).
extension JobStore {
    /// A worker that was not heard of for so long is not there any more.
    package static let presence: Duration = .seconds(60)

    /// Notes that a worker is there; those that have been gone for an hour are forgotten.
    ///
    /// - Parameter networks: by `ModelIdentity.key`.
    package func announce(_ worker: ID<Worker>, networks: [Int]) async throws {
        try await pool.run { connection in
            try connection.execute(
                """
                INSERT INTO worker_networks (worker, networks) VALUES (\(worker), \(networks))
                ON CONFLICT (worker) DO UPDATE SET seen_at = now(), networks = excluded.networks
                """)
            try connection.execute("DELETE FROM worker_networks WHERE seen_at < now() - interval '1 hour'")
        }
    }

    /// Notes that a worker has ended: others may have its jobs at once.
    package func withdraw(_ worker: ID<Worker>) async throws {
        try await pool.run { try $0.execute("DELETE FROM worker_networks WHERE worker = \(worker)") }
    }
}
