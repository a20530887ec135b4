import CoreMetrics
import Telemetry
import Testing

@Suite struct MetricRegistryTests {
    @Test("Counters, gauges and timers come out as Prometheus text") func text() {
        let registry = MetricRegistry(help: ["duration_seconds": "How long it took."])
        let counter = Counter(label: "jobs_total", dimensions: [("kind", "in\"gest\n")], factory: registry)
        counter.increment(by: 2)
        Counter(label: "jobs_total", dimensions: [("kind", "in\"gest\n")], factory: registry).increment()
        Recorder(label: "depth", dimensions: [], aggregate: false, factory: registry).record(7)
        let timer = Timer(label: "duration_seconds", dimensions: [("route", "/a")], factory: registry)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(60_000_000_000)
        let lines = registry.snapshot().map(\.text).joined().split(separator: "\n").map(String.init)
        #expect(lines.contains("# TYPE jobs_total counter"))
        #expect(lines.contains(#"jobs_total{kind="in\"gest\n"} 3"#))
        #expect(lines.contains("depth 7"))
        #expect(lines.contains("# HELP duration_seconds How long it took."))
        #expect(lines.contains("# TYPE duration_seconds histogram"))
        #expect(lines.contains(#"duration_seconds_bucket{route="/a",le="0.001"} 0"#))
        #expect(lines.contains(#"duration_seconds_bucket{route="/a",le="0.0025"} 1"#))
        #expect(lines.contains(#"duration_seconds_bucket{route="/a",le="+Inf"} 2"#))
        #expect(lines.contains(#"duration_seconds_count{route="/a"} 2"#))
        #expect(lines.contains(#"duration_seconds_sum{route="/a"} 60.002"#))
    }
}
