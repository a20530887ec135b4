import Lanes
import Logging
package import Store
package import Telemetry

/// Takes units back from workers that are not heard of any more. Every process runs one; several do not disturb each other.
package struct LeaseReaper: Sendable {
    private let jobs: JobStore
    private let interval: Duration
    private let retryPolicy: RetryPolicy
    private let observer: Observer

    /// - Parameter interval: time between two looks.
    package init(jobs: JobStore, interval: Duration = .seconds(5), retryPolicy: RetryPolicy = RetryPolicy(), observer: Observer) {
        self.jobs = jobs
        self.interval = interval
        self.retryPolicy = retryPolicy
        self.observer = observer
    }

    /// Works until its task is cancelled.
    package func run() async {
        await Periodic.run(every: interval) { error in
            observer.logger.warning("leases cannot be looked through", metadata: ["cause": "\(error)"])
        } turn: {
            let policy = retryPolicy
            let count = try await jobs.reapExpired { policy.delay(afterAttempt: $0) }
            if count > 0 { observer.logger.warning("units of lost workers were taken back", metadata: ["count": "\(count)"]) }
        }
    }
}
