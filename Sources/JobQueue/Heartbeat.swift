import Logging
import Store
import Telemetry

/// Renews one lease until it is over or the task is cancelled. Its store has connections of its own, so that no work, however
/// long, can starve it.
struct Heartbeat: Sendable {
    let jobs: JobStore
    let timing: WorkerPool.Timing
    let observer: Observer

    /// Nil when the task was cancelled, that is, when nobody needs the lease any more.
    ///
    /// - Parameter takenAt: when the lease was asked for.
    func run(_ lease: Lease, takenAt: ContinuousClock.Instant, progress: UnitProgress) async -> LeaseStateMachine<ContinuousClock.Instant>
        .Ending?
    {
        let clock = ContinuousClock()
        var machine = LeaseStateMachine(
            takenAt: takenAt, duration: timing.lease, interval: timing.heartbeat, progressInterval: timing.progress)
        while !Task.isCancelled {
            switch machine.tick(now: clock.now, hasNews: progress.hasNews) {
            case .abandon(let ending): return ending
            case .rest(let instant):
                do { try await clock.sleep(until: instant, tolerance: nil) } catch { return nil }
            case .renew:
                let sentAt = clock.now
                let (done, total) = progress.take()
                do {
                    let answer = try await jobs.heartbeat(lease, done: done, weight: total, duration: timing.lease)
                    machine.answered(answer, sentAt: sentAt)
                } catch {
                    if Task.isCancelled { return nil }
                    observer.logger.warning("heartbeat failed", metadata: ["cause": "\(error)"])
                    machine.unanswered(sentAt: sentAt)
                }
            }
        }
        return nil
    }
}
