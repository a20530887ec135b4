import Lanes
import Logging
import Postgres
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
        var outage = Outage()
        await Periodic.run(every: interval) { error in
            observer.logger.warning("leases cannot be looked through", metadata: ["cause": "\(error)"])
        } turn: {
            try await look(&outage)
        }
    }

    private func look(_ outage: inout Outage) async throws {
        let begun = ContinuousClock.now
        let policy = retryPolicy
        do {
            var (count, taken) = (0, 0)
            repeat {
                taken = try await jobs.reapExpired(limit: Self.batch, unableSince: outage.unableSince) {
                    policy.delay(afterAttempt: $0)
                }
                count += taken
            } while taken == Self.batch
            outage.couldWrite(begun)
            if count > 0 { observer.logger.warning("units of lost workers were taken back", metadata: ["count": "\(count)"]) }
        } catch let error as PostgresError where error.isPassing {
            outage.couldNotWrite(begun)
            throw error
        }
    }

    /// Leases that are asked for at a time.
    private static let batch = 100
}
