import Domain
package import Postgres
import Primitives

/// A job's new beginning: the plan it goes by from now on, and its units.
package struct JobRestart: Hashable, Sendable {
    package let plan: JSONDocument
    package let segments: [NewSegment]

    package init(plan: JSONDocument, segments: [NewSegment]) {
        self.plan = plan
        self.segments = segments
    }
}

extension JobStore {
    /// Times a job is begun anew: enough for upgrades that follow each other, too few for two builds that undo each other's work.
    package static let restartLimit = 3

    /// Begins a job anew, with the plan and the units of `restart` in place of its own, in one transaction; what was finished is
    /// forgotten, and what is being worked on loses its lease. The job keeps its id, its price and its start.
    ///
    /// Beyond the limit the job has failed instead, with `NETWORKS_CHANGED`. Throws `LeaseLost`, and then nothing has happened.
    package func restart(_ lease: Lease, _ restart: JobRestart) async throws -> RetryAnswer {
        try await pool.transaction { transaction in
            guard let job = try LockedJob.lock(of: lease, in: transaction) else { throw LeaseLost() }
            let begun = try transaction.execute(
                """
                UPDATE jobs SET plan = \(restart.plan), restarts = restarts + 1, updated_at = now()
                WHERE id = \(job.id) AND restarts < \(Self.restartLimit)
                """)
            guard begun == 1 else {
                try Self.bury(lease, reason: .restartedTooOften, in: transaction)
                return .buried
            }
            // Workers on several units of a job find at once that it must begin anew: whoever waited for the job's lock has lost
            // its lease meanwhile, to the first of them or to the end of the job.
            let held = try transaction.execute("DELETE FROM segments WHERE id = \(lease.segment) AND lease_token = \(lease.token)")
            guard held == 1 else { throw LeaseLost() }
            try transaction.execute("DELETE FROM segments WHERE job_id = \(job.id)")
            let firstStage = restart.segments.map(\.stage).min() ?? 0
            try Self.insert(restart.segments, of: job.id, priority: job.priority, availableStage: firstStage, in: transaction)
            try Self.wakeWorkers(in: transaction)
            return .scheduled
        }
    }
}

extension UnitFailure {
    /// Code of a job whose networks are not there any more.
    package static let networksChanged = "NETWORKS_CHANGED"

    fileprivate static let restartedTooOften = UnitFailure(
        code: networksChanged,
        message: """
            The job was begun anew \(JobStore.restartLimit) times because the server's trained networks were not those it had been \
            planned with. Let all processes be of one build, and start it again.
            """)
}
