import Logging
import Postgres
import Primitives
import Store
import Telemetry

/// Carries one leased unit through: the handler beside the heartbeat, then the outcome into the database.
struct UnitRunner: Sendable {
    /// Why a unit was stopped from outside.
    enum Stop: Equatable, Sendable {
        /// The job is over: there is nothing to record.
        case cancelled
        /// The process ends: another worker shall have the unit.
        case handBack
    }

    /// What the parts of a run report.
    private enum Event: Sendable {
        /// The outcome is recorded, or cannot be.
        case settled
        case leaseOver(LeaseStateMachine<ContinuousClock.Instant>.Ending)
        case stopped(Stop)
        /// The part was cancelled, and says nothing.
        case quiet
    }

    let handler: any JobHandler
    let jobs: JobStore
    let heartbeat: Heartbeat
    let retryPolicy: RetryPolicy
    /// Of transfers that have come far: by `JobStore.creditedGrowth`.
    let transferRetryPolicy: RetryPolicy
    /// Shortest rest of a unit that could not be written.
    let storageRest: Duration
    /// Called when a handler says that the worker cannot go on, before the unit can be had by anyone; false where another unit
    /// of this worker has said so before.
    let giveUp: @Sendable (UnitFailure) -> Bool
    let observer: Observer

    /// Returns when the unit is settled, or nobody's business any more; the handler has ended by then.
    ///
    /// - Parameter stops: word from outside, at most one.
    func run(_ unit: LeasedUnit, takenAt: ContinuousClock.Instant, stops: AsyncStream<Stop>) async {
        let progress = UnitProgress()
        let end = await withTaskGroup(of: Event.self) { group in
            group.addTask {
                guard let outcome = await outcome(of: unit, progress: progress) else { return .quiet }
                return await settle(outcome, unit, progress) ? .settled : .quiet
            }
            group.addTask {
                await heartbeat.run(unit.lease, takenAt: takenAt, progress: progress).map { .leaseOver($0) } ?? .quiet
            }
            group.addTask {
                for await stop in stops { return .stopped(stop) }
                return .quiet
            }
            var end = Event.quiet
            while case .quiet = end, let event = await group.next() { end = event }
            // The handler is waited for: it may be writing, and its place is free only when it has ended.
            group.cancelAll()
            return end
        }
        switch end {
        case .stopped(.handBack), .quiet: await handBack(unit)
        case .leaseOver(.lost): observer.logger.warning("the lease was lost")
        case .leaseOver(.cancelled), .stopped(.cancelled): observer.logger.info("the job was cancelled")
        case .settled: break
        }
    }

    /// What the handler says; nil when it was cancelled from outside, or is about to be.
    private func outcome(of unit: LeasedUnit, progress: UnitProgress) async -> UnitOutcome? {
        do {
            let outcome = try await handler.perform(unit, progress: progress)
            if case .workerUnfit(let reason) = outcome, !giveUp(reason) { return nil }
            return Task.isCancelled && outcome == .cancelled ? nil : outcome
        } catch {
            // What a cancelled handler throws says nothing about the unit.
            if Task.isCancelled { return nil }
            if let failure = error as? UnitFailure { return .retry(after: nil, reason: failure) }
            if let error = error as? PostgresError, error.refusesChanges {
                return .postponed(
                    UnitFailure(code: UnitFailure.storageUnavailable, message: "The database takes no changes: it is full or read-only."))
            }
            observer.logger.error("unit failed unexpectedly", metadata: ["cause": "\(error)"])
            return .retry(
                after: nil,
                reason: UnitFailure(code: "INTERNAL_SERVER_ERROR", message: "The \(unit.kind.rawValue) step failed unexpectedly."))
        }
    }

    /// Records an outcome, again and again while the database is away; the end of the lease ends the attempts. Returns false
    /// when it was cancelled before that.
    private func settle(_ outcome: UnitOutcome, _ unit: LeasedUnit, _ progress: UnitProgress) async -> Bool {
        var pause = Duration.milliseconds(50)
        while true {
            do {
                try await record(outcome, unit, progress)
                return true
            } catch is LeaseLost {
                observer.logger.warning("the outcome came after the lease was over")
                return true
            } catch is CancellationError {
                return false
            } catch let error as PostgresError where error.isPassing {
                observer.logger.warning("the outcome cannot be recorded yet", metadata: ["cause": "\(error)"])
                do { try await Task.sleep(for: pause) } catch { return false }
                pause = min(pause * 2, .seconds(2))
            } catch {
                // What cannot be recorded must not be repeated for ever: the lease runs out and counts against the unit.
                observer.logger.error("the outcome is refused", metadata: ["cause": "\(error)"])
                return true
            }
        }
    }

    private func record(_ outcome: UnitOutcome, _ unit: LeasedUnit, _ progress: UnitProgress) async throws {
        switch outcome {
        case .succeeded(let result):
            try await jobs.complete(unit.lease, result: result)
            observer.logger.info("unit succeeded")
        case .cancelled:
            do { try await jobs.cancel(unit.job, scope: TeamScope(unit.team)) } catch is StoreError {
                // It has ended already.
            }
        case .retry(let delay, let reason):
            var (attempt, policy) = (unit.attempt, retryPolicy)
            if unit.kind.isTransfer {
                let reached = try await jobs.creditProgress(unit.lease, done: progress.done)
                attempt = reached.number
                // Where there is little to lose, whoever asked is told soon.
                if reached.bytes >= JobStore.creditedGrowth { policy = transferRetryPolicy }
            }
            let answer = try await jobs.retry(unit.lease, after: delay ?? policy.delay(afterAttempt: attempt), reason: reason)
            observer.logger.warning("unit failed", metadata: ["reason": "\(reason)", "last": "\(answer == .buried)"])
        case .restart(let restart):
            let answer = try await jobs.restart(unit.lease, restart)
            observer.logger.notice("the job begins anew", metadata: ["last": "\(answer == .buried)"])
        case .workerUnfit(let reason):
            let answer = try await jobs.surrender(unit.lease, reason: reason)
            observer.logger.warning(
                "unit handed back, the worker ends", metadata: ["reason": "\(reason)", "last": "\(answer == .buried)"])
        case .postponed(let reason):
            // Units that failed together do not come back together.
            let rest = storageRest * Double.random(in: 1...1.5)
            try await jobs.postpone(unit.lease, by: rest, reason: reason)
            observer.logger.error("unit put back untried", metadata: ["reason": "\(reason)", "rest": "\(rest)"])
        case .dead(let reason):
            try await jobs.bury(unit.lease, reason: reason)
            observer.logger.warning("unit failed for good", metadata: ["reason": "\(reason)"])
        }
    }

    /// Gives the lease back, outside the cancelled task: a cancelled one gets no connection.
    private func handBack(_ unit: LeasedUnit) async {
        let jobs = jobs
        let release = Task {
            do { try await jobs.release(unit.lease) } catch {
                observer.logger.warning("the unit cannot be handed back", metadata: ["cause": "\(error)"])
            }
        }
        await release.value
    }
}
