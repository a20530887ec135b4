import CoreMetrics
import Synchronization
import Telemetry

/// How long one route's requests take, a series for each status that it answers with, made when first needed.
final class RouteTimers: Sendable {
    private static let label = "remaster_http_request_duration_seconds"
    /// What the metrics say of themselves.
    static let help = [label: "Time until the head of an answer was made, by route and status."]

    private let method: String
    private let path: String
    private let metrics: MetricRegistry
    private let timers = Mutex<[Int: Timer]>([:])

    init(method: String, path: String, metrics: MetricRegistry) {
        self.method = method
        self.path = path
        self.metrics = metrics
    }

    func record(_ duration: Duration, status: Int) {
        let (seconds, attoseconds) = duration.components
        timer(status).recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func timer(_ status: Int) -> Timer {
        timers.withLock { timers in
            if let timer = timers[status] { return timer }
            let timer = Timer(
                label: Self.label,
                dimensions: [("method", method), ("route", path), ("status", "\(status)")], factory: metrics)
            timers[status] = timer
            return timer
        }
    }
}
