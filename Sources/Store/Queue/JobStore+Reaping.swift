import Domain
import Postgres
import Primitives

/// What becomes of units whose lease ran out.
extension JobStore {
    /// Takes segments back whose worker has not been heard of until its lease was over. The attempt counts, and the third lost worker
    /// ends the job, because the segment is what kills them. Neither holds of a transfer that this attempt brought further
    /// (`hasAdvanced`): its attempts count from one again, its lost workers from none.
    ///
    /// A lease that could not be renewed, because the database took no changes, says nothing about worker or segment: the segment goes
    /// back untried. A worker that did end in that time is not told apart.
    ///
    /// Where no lease has run out, one is written to as it is: that the database takes no changes, or is away, is always found out.
    ///
    /// - Parameters:
    ///   - unableSince: what ran out after this instant could not be renewed; nil where the database took all changes.
    ///   - delay: pause before the next attempt, by the number of attempts made.
    /// - Returns: segments taken back or given up.
    package func reapExpired(
        limit: Int = 100, unableSince: ContinuousClock.Instant? = nil, delay: @escaping @Sendable (Int) -> Duration
    ) async throws -> Int {
        let expired: [ExpiredLease] = try await pool.run { connection in
            let expired: [ExpiredLease] = try connection.query(
                """
                SELECT id, lease_token, attempt, crashes, maximum_attempts, \(Self.hasAdvanced()),
                    extract(epoch FROM now() - lease_expires_at)::float8
                FROM segments WHERE state = 'leased' AND lease_expires_at < now() ORDER BY lease_expires_at LIMIT \(limit)
                """)
            if expired.isEmpty {
                // The lease that was renewed least lately is the first that would show it.
                try connection.execute(
                    """
                    UPDATE segments SET lease_expires_at = lease_expires_at WHERE id = (
                        SELECT id FROM segments WHERE state = 'leased' ORDER BY lease_expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                    """)
            }
            return expired
        }
        // Measured after the answer, and so never too short: the two clocks are compared by spans only.
        let unable = unableSince.map { ContinuousClock.now - $0 }
        var reaped = 0
        for lease in expired {
            do {
                let isExcused = unable.map { lease.age < $0 } ?? false
                let pause = delay(lease.hasAdvanced ? 1 : lease.attempt)
                if try await isExcused ? excuse(lease) : reap(lease, delay: pause) { reaped += 1 }
            } catch is LeaseLost {
                // Another process was faster.
            }
        }
        return reaped
    }

    private func reap(_ expired: ExpiredLease, delay: Duration) async throws -> Bool {
        let reason = UnitFailure(code: "WORKER_LOST", message: "The worker stopped answering in attempt \(expired.attempt).")
        let (lease, isLast) = (expired.lease, expired.isLast)
        return try await pool.transaction { transaction in
            // Burying needs the job's lock, which comes before those of its segments.
            if isLast, try LockedJob.lock(of: lease, in: transaction) == nil { return false }
            let next: SQL =
                isLast
                ? .empty
                : """
                , state = 'available', not_before = now() + make_interval(secs => \(delay)), lease_token = NULL,
                    lease_holder = NULL, lease_expires_at = NULL
                """
            let reaped = try transaction.execute(
                """
                UPDATE segments SET attempt = CASE WHEN \(Self.hasAdvanced()) THEN 1 ELSE attempt END,
                    crashes = CASE WHEN \(Self.hasAdvanced()) THEN 0 ELSE crashes + 1 END,
                    credited = CASE WHEN kind IN ('import', 'export') THEN greatest(credited, done) ELSE credited END,
                    last_error = \(reason.document)\(next)
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) AND lease_expires_at < now()
                """)
            guard reaped == 1 else { return false }  // renewed, ended or reaped meanwhile
            if isLast { try Self.bury(lease, reason: reason, in: transaction) }
            return true
        }
    }

    /// Takes a segment back as if its lease had never been.
    private func excuse(_ expired: ExpiredLease) async throws -> Bool {
        let reason = UnitFailure(
            code: UnitFailure.storageUnavailable, message: "The database took no changes, and the worker's lease ran out.")
        let lease = expired.lease
        return try await pool.transaction { transaction in
            let excused = try transaction.execute(
                """
                UPDATE segments SET state = 'available', not_before = now(), attempt = attempt - 1, started_at = NULL,
                    last_error = \(reason.document), lease_token = NULL, lease_holder = NULL, lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) AND lease_expires_at < now()
                """)
            if excused == 1 { try Self.wakeWorkers(in: transaction) }
            return excused == 1
        }
    }

    private struct ExpiredLease: RowDecodable {
        let lease: Lease
        let attempt: Int
        let crashes: Int
        let maximumAttempts: Int
        let hasAdvanced: Bool
        /// Time since it ran out.
        let age: Duration

        /// Whether the segment is given up.
        var isLast: Bool { !hasAdvanced && (crashes + 1 >= JobStore.crashLimit || attempt >= maximumAttempts) }

        init(row: inout Row) throws(PostgresError) {
            lease = Lease(segment: try row.next(), token: try row.next())
            attempt = try row.next()
            crashes = try row.next()
            maximumAttempts = try row.next()
            hasAdvanced = try row.next()
            let seconds: Double = try row.next()
            age = .seconds(seconds)
        }
    }
}
