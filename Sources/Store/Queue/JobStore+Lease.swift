package import Domain
package import Postgres
package import Primitives

/// What workers do with the queue. Each call but `complete` and the failures is one statement.
extension JobStore {
    /// Leases a worker is lost with until its segment goes to the dead letter.
    package static let crashLimit = 3

    /// Takes up to `limit` available segments of these kinds: higher priorities first, then older jobs. Segments that need networks
    /// which the worker has not are left to the workers that have them, while there are any.
    ///
    /// One statement: rows another worker is just taking are skipped, not waited for.
    ///
    /// - Parameters:
    ///   - kinds: best transfers only, or none: each of the two sides has an index in which nothing else has to be passed over.
    ///   - networks: that the worker has, by `ModelIdentity.key`.
    package func lease(
        kinds: [UnitKind], limit: Int, worker: ID<Worker>, networks: [Int] = [], duration: Duration
    ) async throws -> [LeasedUnit] {
        try await pool.run { connection in
            let units: [LeasedUnit] = try connection.query(
                """
                WITH next AS (
                    SELECT id FROM segments WHERE state = 'available' AND not_before <= now() AND kind = ANY(\(kinds))\(Self.side(of: kinds))
                        AND (networks <@ \(networks) OR NOT EXISTS (
                            SELECT 1 FROM worker_networks w WHERE segments.networks <@ w.networks
                                AND w.seen_at > now() - make_interval(secs => \(Self.presence))))
                    ORDER BY priority DESC, position LIMIT \(limit) FOR UPDATE SKIP LOCKED
                )
                UPDATE segments s SET state = 'leased', attempt = s.attempt + 1, lease_token = gen_random_uuid(),
                    lease_holder = \(worker), lease_expires_at = now() + make_interval(secs => \(duration)),
                    started_at = coalesce(s.started_at, now())
                FROM next, jobs j WHERE s.id = next.id AND j.id = s.job_id RETURNING \(LeasedUnit.columns)
                """)
            let begun = units.filter(\.isFirstOfJob).map(\.job)
            if !begun.isEmpty {
                try connection.execute("UPDATE jobs SET started_at = now() WHERE id = ANY(\(begun)) AND started_at IS NULL")
            }
            return units
        }
    }

    /// The predicate of the index that holds all these kinds, as the index has it; none where they lie in both.
    private static func side(of kinds: [UnitKind]) -> SQL {
        if kinds.allSatisfy(\.isTransfer) { return " AND kind IN ('import', 'export')" }
        return kinds.contains(where: \.isTransfer) ? .empty : " AND kind NOT IN ('import', 'export')"
    }

    /// Prolongs a lease and notes progress; nil leaves done or weight as it is.
    package func heartbeat(_ lease: Lease, done: Int64?, weight: Int64?, duration: Duration) async throws -> HeartbeatAnswer {
        try await pool.run { connection in
            let renewed = try connection.execute(
                """
                UPDATE segments SET lease_expires_at = now() + make_interval(secs => \(duration)),
                    done = coalesce(\(done), done), weight = coalesce(\(weight), weight)
                WHERE id = \(lease.segment) AND lease_token = \(lease.token)
                """)
            if renewed == 1 { return .held }
            let state = try connection.value(
                "SELECT state FROM segments WHERE id = \(lease.segment)", as: SegmentState.self)
            return state == nil || state == .cancelled ? .cancelled : .lost
        }
    }

    /// Keeps what a later attempt can go on from. Throws `LeaseLost`.
    package func saveCheckpoint(_ checkpoint: JSONDocument, for lease: Lease) async throws {
        let saved = try await pool.run {
            try $0.execute(
                "UPDATE segments SET checkpoint = \(checkpoint) WHERE id = \(lease.segment) AND lease_token = \(lease.token)")
        }
        guard saved == 1 else { throw LeaseLost() }
    }

    /// Ends a unit well, with all that follows from it in one transaction: the next stage, or the end of the job with its
    /// video, its events and the job after it. Throws `LeaseLost`, and then nothing has happened.
    package func complete(_ lease: Lease, result: UnitResult) async throws {
        try await pool.transaction { transaction in
            guard let job = try LockedJob.lock(of: lease, in: transaction) else { throw LeaseLost() }
            guard let completion = try job.complete(lease, result, in: transaction) else { throw LeaseLost() }
            let following = result.followingSegments
            try Self.insert(following, of: job.id, priority: job.priority, availableStage: nil, in: transaction)
            if let report = result.report {
                try transaction.execute("UPDATE jobs SET report = \(report) WHERE id = \(job.id)")
            }
            let unfinished = (following.map(\.stage) + [completion.unfinishedStage].compactMap(\.self)).min()
            guard let unfinished else { return try job.succeed(result, in: transaction) }
            if unfinished != completion.stage || !following.isEmpty { try job.open(stage: unfinished, in: transaction) }
        }
    }

    /// Growth that makes an attempt of a large transfer count as its first again, in bytes: more than one that is given up as too slow
    /// can have gained (`RangeCopyOptions`), so that nobody can hold a worker's place for ever by a trickle.
    package static let creditedGrowth: Int64 = 64 << 20

    /// Whether this attempt brought a transfer further than all before by 64 MiB or a sixteenth of the whole, the smaller of the two.
    ///
    /// - Parameter done: how far it has come, of its weight.
    static func hasAdvanced(to done: SQL = "done") -> SQL {
        "(kind IN ('import', 'export') AND \(done) - credited >= greatest(1, least(\(Self.creditedGrowth), weight / 16)))"
    }

    /// Notes how far a transfer has come, which goes on where it stopped. Where this attempt brought it further (`hasAdvanced`), it
    /// counts as the first again, and no worker as lost: what keeps advancing is not worn out by failures that lie hours apart. Throws
    /// `LeaseLost`.
    ///
    /// - Parameter done: of the unit's weight; nil where nothing is known but what the heartbeats told.
    package func creditProgress(_ lease: Lease, done: Int64?) async throws -> TransferAttempt {
        let reached: SQL = "coalesce(\(done), done)"
        let attempt: TransferAttempt? = try await pool.run {
            try $0.first(
                """
                UPDATE segments SET attempt = CASE WHEN \(Self.hasAdvanced(to: reached)) THEN 1 ELSE attempt END,
                    crashes = CASE WHEN \(Self.hasAdvanced(to: reached)) THEN 0 ELSE crashes END,
                    credited = greatest(credited, \(reached)), done = \(reached)
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) RETURNING attempt, done
                """)
        }
        guard let attempt else { throw LeaseLost() }
        return attempt
    }

    /// Puts a unit back for another attempt after `delay`, or ends its job when that was the last. Throws `LeaseLost`.
    package func retry(_ lease: Lease, after delay: Duration, reason: UnitFailure) async throws -> RetryAnswer {
        try await pool.transaction { transaction in
            let scheduled = try transaction.execute(
                """
                UPDATE segments SET state = 'available', not_before = now() + make_interval(secs => \(delay)),
                    last_error = \(reason.document), lease_token = NULL, lease_holder = NULL, lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) AND attempt < maximum_attempts
                """)
            if scheduled == 1 { return .scheduled }
            try Self.bury(lease, reason: reason, in: transaction)
            return .buried
        }
    }

    /// Gives a unit up for good: it goes to the dead letter, its job has failed, with its video and the event, in one
    /// transaction; workers on the job's other units are told. Throws `LeaseLost`.
    package func bury(_ lease: Lease, reason: UnitFailure) async throws {
        try await pool.transaction { try Self.bury(lease, reason: reason, in: $0) }
    }

    /// Hands a unit back untried: the attempt does not count, and another worker may take it at once.
    package func release(_ lease: Lease) async throws {
        try await pool.transaction { transaction in
            let released = try transaction.execute(
                """
                UPDATE segments SET state = 'available', not_before = now(), attempt = attempt - 1, started_at = NULL,
                    lease_token = NULL, lease_holder = NULL, lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token)
                """)
            if released == 1 { try Self.wakeWorkers(in: transaction) }
        }
    }

    /// Hands a unit back untried that is to rest for `delay`: nothing is wrong with it, but what it writes to takes nothing. It may come
    /// to that any number of times. Throws `LeaseLost`.
    package func postpone(_ lease: Lease, by delay: Duration, reason: UnitFailure) async throws {
        let postponed = try await pool.run {
            try $0.execute(
                """
                UPDATE segments SET state = 'available', not_before = now() + make_interval(secs => \(delay)),
                    attempt = attempt - 1, started_at = NULL, last_error = \(reason.document), lease_token = NULL,
                    lease_holder = NULL, lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token)
                """)
        }
        guard postponed == 1 else { throw LeaseLost() }
    }

    /// Hands a unit back in whose work it showed that the worker cannot go on: the attempt does not count, the lost worker does.
    /// The third one ends the job, because the segment is what ends them. Throws `LeaseLost`.
    package func surrender(_ lease: Lease, reason: UnitFailure) async throws -> RetryAnswer {
        try await pool.transaction { transaction in
            let handedBack = try transaction.execute(
                """
                UPDATE segments SET state = 'available', not_before = now(), attempt = attempt - 1, started_at = NULL,
                    crashes = crashes + 1, last_error = \(reason.document), lease_token = NULL, lease_holder = NULL,
                    lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) AND crashes + 1 < \(Self.crashLimit)
                """)
            if handedBack == 1 {
                try Self.wakeWorkers(in: transaction)
                return .scheduled
            }
            // Burying needs the job's lock, which comes before those of its segments.
            guard try LockedJob.lock(of: lease, in: transaction) != nil else { throw LeaseLost() }
            try transaction.execute(
                "UPDATE segments SET crashes = crashes + 1 WHERE id = \(lease.segment) AND lease_token = \(lease.token)")
            try Self.bury(lease, reason: reason, in: transaction)
            return .buried
        }
    }

    /// Makes the leases of a worker run out at once, for the reaper to take back: of one that is known to be dead, such as the
    /// earlier life of a process that alone uses this name. Returns how many there were.
    @discardableResult
    package func expireLeases(of worker: ID<Worker>) async throws -> Int {
        try await pool.run {
            try $0.execute(
                """
                UPDATE segments SET lease_expires_at = least(lease_expires_at, now() - interval '1 millisecond')
                WHERE state = 'leased' AND lease_holder = \(worker)
                """)
        }
    }

    static func bury(_ lease: Lease, reason: UnitFailure, in transaction: borrowing Transaction) throws {
        guard let job = try LockedJob.lock(of: lease, in: transaction) else { throw LeaseLost() }
        let buried = try transaction.execute(
            """
            UPDATE segments SET state = 'dead', last_error = \(reason.document), ended_at = now(), lease_token = NULL,
                lease_holder = NULL, lease_expires_at = NULL
            WHERE id = \(lease.segment) AND lease_token = \(lease.token)
            """)
        guard buried == 1 else { throw LeaseLost() }
        try job.fail(reason, endState: .dead, in: transaction)
        try announceCancellation(of: job.id, in: transaction)
    }
}

/// How far a transfer has come that is to be tried again.
package struct TransferAttempt: Hashable, RowDecodable {
    /// Of this attempt, from 1.
    package let number: Int
    /// Copied by all attempts together.
    package let bytes: Int64

    package init(row: inout Row) throws(PostgresError) {
        number = try row.next()
        bytes = try row.next()
    }
}

extension UnitFailure {
    /// Code of what a unit is put back for that could not be written.
    package static let storageUnavailable = "STORAGE_UNAVAILABLE"
}
