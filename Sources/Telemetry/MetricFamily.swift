/// The series of one name, as they are scraped.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// One series of the family.
    package struct Sample: Sendable {
        package enum Value: Sendable {
            case number(Double)
            /// Counts of the buckets by `MetricRegistry.bounds`, not cumulated; what is beyond the last is in `count` alone.
            case histogram(sum: Double, count: Int, buckets: [Int])
        }

        let labels: [(String, String)]
        let value: Value

        package init(labels: [(String, String)] = [], value: Value) {
            self.labels = labels
            self.value = value
        }

        var sortKey: String { labels.map { "\($0.0)=\($0.1)" }.joined(separator: ",") }
    }

    let name: String
    let kind: Kind
    /// One line for `HELP`; nil leaves it out.
    let help: String?
    let samples: [Sample]

    package init(name: String, kind: Kind, help: String? = nil, samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// The Prometheus text format, version 0.0.4.
    package var text: String {
        var text = help.map { "# HELP \(name) \($0)\n" } ?? ""
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            switch sample.value {
            case .number(let value): text += "\(name)\(Self.braced(sample.labels)) \(Self.number(value))\n"
            case .histogram(let sum, let count, let buckets):
                var cumulated = 0
                for (bound, bucket) in zip(MetricRegistry.bounds, buckets) {
                    cumulated += bucket
                    text += "\(name)_bucket\(Self.braced(sample.labels + [("le", Self.number(bound))])) \(cumulated)\n"
                }
                text += "\(name)_bucket\(Self.braced(sample.labels + [("le", "+Inf")])) \(count)\n"
                text += "\(name)_sum\(Self.braced(sample.labels)) \(Self.number(sum))\n"
                text += "\(name)_count\(Self.braced(sample.labels)) \(count)\n"
            }
        }
        return text
    }

    private static func braced(_ labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
