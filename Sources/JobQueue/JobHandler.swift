package import Store
import Synchronization

/// One kind of work. The pool calls it with a unit it holds a lease on.
package protocol JobHandler: Sendable {
    /// Carries a unit out.
    ///
    /// Its task is cancelled when the job is cancelled, the video deleted, the lease lost, or the process ends at once; what
    /// it then returns or throws is not recorded. A thrown `UnitFailure` asks for another attempt after a rest, any other
    /// error does the same and is logged. The result counts only once it is committed, so objects are published under keys
    /// that another attempt would replace with the same bytes.
    func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome
}

/// How a unit ended.
package enum UnitOutcome: Equatable, Sendable {
    /// Committed together with everything that follows from it.
    case succeeded(UnitResult)
    /// The job is to be cancelled.
    case cancelled
    /// Another attempt may do better, after this rest or the policy's; the last attempt ends the job.
    case retry(after: Duration?, reason: UnitFailure)
    /// What the unit writes to takes nothing at present, of this unit or another, or others hold the device it is worked on: it
    /// goes back untried, however often that happens, and rests for a while.
    case postponed(UnitFailure)
    /// It would fail again: the job has failed.
    case dead(UnitFailure)
    /// The job is to be begun anew by another plan; the unit is no more.
    case restart(JobRestart)
    /// This worker cannot go on, with this unit or another: the unit goes to the next one untried, and the pool ends.
    case workerUnfit(UnitFailure)
}

/// Where a handler notes how far it is; cheap enough for every frame. The heartbeat carries it to the database, at most once
/// a second.
package final class UnitProgress: Sendable {
    private struct State {
        var done: Int64?
        var total: Int64?
        var hasNews = false
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameters:
    ///   - done: frames or bytes, of the unit's weight.
    ///   - total: another weight, where only the handler knows it.
    package func report(done: Int64, of total: Int64? = nil) {
        state.withLock { state in
            if state.done == done && (total == nil || state.total == total) { return }
            state.done = done
            if let total { state.total = total }
            state.hasNews = true
        }
    }

    var hasNews: Bool { state.withLock { $0.hasNews } }

    /// What was reported last, of the unit's weight; nil for nothing.
    var done: Int64? { state.withLock { $0.done } }

    /// What is known so far; it is no news any more.
    func take() -> (done: Int64?, total: Int64?) {
        state.withLock { state in
            state.hasNews = false
            return (state.done, state.total)
        }
    }
}
