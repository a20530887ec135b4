package import Domain
import Lanes
import Logging
package import Postgres
import Store
package import Telemetry

/// Forgets what has served its time: unused API keys, kept answers, decided webhook events, segments of ended jobs, appraisals,
/// measurements, the audit log. Measures storage, and books what the ended billing periods' storage cost.
package struct Housekeeper: Sendable {
    /// How long things that were decided are kept.
    package struct Retention: Sendable {
        package var webhookEvents: Duration = .seconds(90 * 86_400)
        package var segments: Duration = .seconds(7 * 86_400)

        package init() {}
    }

    private let pool: ConnectionPool
    private let retention: Retention
    private let rateCard: RateCard
    private let interval: Duration
    private let observer: Observer

    /// - Parameter interval: time between two rounds.
    package init(
        pool: ConnectionPool, retention: Retention = Retention(), rateCard: RateCard = .standard, interval: Duration = .seconds(3600),
        observer: Observer
    ) {
        self.pool = pool
        self.retention = retention
        self.rateCard = rateCard
        self.interval = interval
        self.observer = observer
    }

    /// Works until its task is cancelled.
    package func run() async {
        await Periodic.run(every: interval) { error in
            observer.logger.warning("housekeeping failed", metadata: ["cause": "\(error)"])
        } turn: {
            try await round()
        }
    }

    /// One round; doing it twice, or in two processes, does no more. What fails is logged and leaves the rest to be done. Throws
    /// `CancellationError` only.
    package func round() async throws {
        try await attempt("unused API keys") { _ = try await APIKeyStore(pool: pool).deleteUnused() }
        try await attempt("kept answers") { _ = try await IdempotencyStore.prune(pool) }
        try await attempt("webhook events") { _ = try await EventOutbox(pool: pool).prune(decidedBefore: retention.webhookEvents) }
        try await attempt("appraisals") { _ = try await AppraisalStore(pool: pool).prune() }
        try await attempt("measurements") { _ = try await MeasurementStore(pool: pool).prune() }
        try await attempt("audit log") { _ = try await AuditStore(pool: pool).prune() }
        try await attempt("storage") { try await BillingStore(pool: pool).settleStorage(by: rateCard) }
        try await attempt("team events") { _ = try await TeamEventStore(pool: pool).prune() }
        try await attempt("uploads") { _ = try await UploadStore(pool: pool).prune() }
        try await attempt("segments") {
            while try await JobStore(pool: pool).pruneSegments(endedBefore: retention.segments) == 10_000 {}
        }
    }

    private func attempt(_ item: String, _ work: () async throws -> Void) async throws {
        try Task.checkCancellation()
        do { try await work() } catch {
            try Task.checkCancellation()
            observer.logger.warning("housekeeping failed", metadata: ["item": "\(item)", "cause": "\(error)"])
        }
    }
}
