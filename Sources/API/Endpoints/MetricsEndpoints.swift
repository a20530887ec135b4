import HTTP
import Store
import Telemetry

/// `/metrics` as Prometheus text: requests of this process, and the queue all processes share. Sums over all teams, no names.
struct MetricsEndpoints: Sendable {
    let registry: MetricRegistry
    let jobs: JobStore
    /// Nobody needs a key to ask: however many do at once, the database is asked every few seconds.
    let queue = RecentAnswer<QueueStatistics>(lifetime: .seconds(5))

    func register(in routes: inout APIRoutes) throws {
        for prefix in ["", "/api"] { try routes.open(.get, prefix + "/metrics", scrape) }
    }

    @Sendable private func scrape(_ request: HTTPRequest) async throws -> HTTPResponse {
        try request.readingNothing()
        let families = registry.snapshot() + Self.families(try await queue.value { try await jobs.statistics() })
        return HTTPResponse(
            .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", bytes: Array(families.map(\.text).joined().utf8))
    }

    private static func families(_ statistics: QueueStatistics) -> [MetricFamily] {
        func sample(_ value: Double, _ labels: (String, String)...) -> MetricFamily.Sample {
            MetricFamily.Sample(labels: labels, value: .number(value))
        }
        return [
            MetricFamily(
                name: "remaster_jobs", kind: .gauge, help: "Jobs under way, and those that ended in the last hour.",
                samples: statistics.jobs.map { sample(Double($0.count), ("kind", $0.kind.rawValue), ("state", $0.state.rawValue)) }),
            MetricFamily(
                name: "remaster_queue_units", kind: .gauge, help: "Units of jobs under way that are not done.",
                samples: statistics.units.map { sample(Double($0.count), ("kind", $0.kind.rawValue), ("state", $0.state.rawValue)) }),
            MetricFamily(
                name: "remaster_queue_oldest_wait_seconds", kind: .gauge, help: "How long the oldest available unit has waited.",
                samples: [sample(statistics.oldestWait)]),
            MetricFamily(
                name: "remaster_queue_units_waiting_for_storage", kind: .gauge,
                help: "Units that rest because the storage or the database took nothing: it is full, read-only or failing.",
                samples: [sample(Double(statistics.waitingForStorage))]),
            MetricFamily(
                name: "remaster_stage_units_last_hour", kind: .gauge, help: "Units done, of jobs that ended in the last hour.",
                samples: statistics.unitTimes.map { sample(Double($0.count), ("stage", $0.kind.rawValue)) }),
            MetricFamily(
                name: "remaster_stage_seconds_last_hour", kind: .gauge, help: "Time these units took, from first lease to end.",
                samples: statistics.unitTimes.map { sample($0.seconds, ("stage", $0.kind.rawValue)) }),
            MetricFamily(
                name: "remaster_webhook_events_pending", kind: .gauge, help: "Webhook events not yet delivered or given up.",
                samples: [sample(Double(statistics.pendingEvents))]),
        ]
    }
}
