package import CoreMetrics
import Synchronization

/// Keeps metrics in memory, to be scraped as Prometheus text: a backend of swift-metrics that is handed to those who measure,
/// without a global.
///
/// Timers become histograms in seconds, recorders histograms or gauges, counters counters.
package final class MetricRegistry: MetricsFactory, Sendable {
    /// Upper bounds of a histogram's buckets, in seconds for timers.
    package static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private struct Key: Hashable {
        let label: String
        let dimensions: [String]
    }

    private let series = Mutex<[Key: MetricSeries]>([:])
    private let help: [String: String]

    /// - Parameter help: one line for the `HELP` of a name.
    package init(help: [String: String] = [:]) { self.help = help }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, .counter)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        find(label, dimensions, aggregate ? .histogram : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, .histogram)
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler as? MetricSeries) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler as? MetricSeries) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler as? MetricSeries) }

    /// Everything measured so far, series of one name together, in the order of names.
    package func snapshot() -> [MetricFamily] {
        let all = series.withLock { Array($0.values) }
        return Dictionary(grouping: all, by: \.label).sorted { $0.key < $1.key }.map { label, series in
            MetricFamily(
                name: label, kind: series[0].kind, help: help[label],
                samples: series.map(\.sample).sorted { $0.sortKey < $1.sortKey })
        }
    }

    /// A name belongs to the kind it was first made with: one series of another kind under it would be unreadable.
    private func find(_ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> MetricSeries {
        let key = Key(label: label, dimensions: dimensions.flatMap { [$0.0, $0.1] })
        return series.withLock { series in
            if let found = series[key] { return found }
            let made = MetricSeries(label: label, dimensions: dimensions, kind: kind)
            series[key] = made
            return made
        }
    }

    private func forget(_ handler: MetricSeries?) {
        guard let handler else { return }
        let key = Key(label: handler.label, dimensions: handler.dimensions.flatMap { [$0.0, $0.1] })
        _ = series.withLock { $0.removeValue(forKey: key) }
    }
}

/// One series: a number, or a histogram.
final class MetricSeries: CounterHandler, RecorderHandler, TimerHandler, Sendable {
    private struct State {
        var value = 0.0
        var sum = 0.0
        var count = 0
        var buckets = [Int](repeating: 0, count: MetricRegistry.bounds.count)
    }

    let label: String
    let dimensions: [(String, String)]
    let kind: MetricFamily.Kind
    private let state = Mutex(State())

    init(label: String, dimensions: [(String, String)], kind: MetricFamily.Kind) {
        self.label = label
        self.dimensions = dimensions
        self.kind = kind
    }

    func increment(by amount: Int64) { state.withLock { $0.value += Double(amount) } }
    func reset() { state.withLock { $0.value = 0 } }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard kind == .histogram else { return state.withLock { $0.value = value } }
        let bucket = MetricRegistry.bounds.firstIndex { value <= $0 }
        state.withLock { state in
            state.sum += value
            state.count += 1
            if let bucket { state.buckets[bucket] += 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    var sample: MetricFamily.Sample {
        let state = state.withLock { $0 }
        guard kind == .histogram else { return MetricFamily.Sample(labels: dimensions, value: .number(state.value)) }
        return MetricFamily.Sample(labels: dimensions, value: .histogram(sum: state.sum, count: state.count, buckets: state.buckets))
    }
}
