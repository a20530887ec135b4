package import GPU

/// Throughput of one kernel or network.
package struct Measurement: Sendable, CustomStringConvertible {
    /// What ran, with its shape.
    package let name: String
    /// Time of one run on the wall clock: half of the runs were faster.
    package let median: Duration
    /// Time of the fastest run.
    package let fastest: Duration
    /// Processor time of the median run, where the device is a processor.
    package let processorTime: Duration?
    /// Billions of multiplications and additions of one run.
    package let gigaflop: Double

    /// Time of each kind of operator in the fastest run, by the device's clock; empty where it has none.
    package let stages: [StageTime]

    /// Billions of operations a second within the convolutions alone, in the fastest run; nil without timestamps.
    package var convolutionGigaflopPerSecond: Double? {
        stages.first { $0.name == "conv2d" && $0.duration > .zero }.map { gigaflop / $0.duration.seconds }
    }

    /// Billions of operations a second of wall clock, in the fastest run.
    package var gigaflopPerSecond: Double { gigaflop / fastest.seconds }
    /// Billions of operations a second of one processor core: does not depend on who else uses the machine.
    package var gigaflopPerCoreSecond: Double? { processorTime.map { gigaflop / $0.seconds } }
    /// Runs a second, by the median.
    package var framesPerSecond: Double { 1 / median.seconds }

    package var description: String {
        var parts = [
            "\(name): \(Self.digits(median.seconds * 1000)) ms (fastest \(Self.digits(fastest.seconds * 1000)))",
            "\(Self.digits(framesPerSecond)) frames/s", "\(Self.digits(gigaflopPerSecond)) GFLOP/s",
        ]
        if let perCore = gigaflopPerCoreSecond { parts.append("\(Self.digits(perCore)) GFLOP/core-s") }
        let shares = stages.map { "\($0.name) \(Self.digits($0.duration.seconds * 1000))" }
        let convolution = convolutionGigaflopPerSecond.map { ", convolutions alone \(Self.digits($0)) GFLOP/s" } ?? ""
        let detail = shares.isEmpty ? "" : " [ms: \(shares.joined(separator: ", "))\(convolution)]"
        return parts.joined(separator: ", ") + detail
    }

    /// Two places below ten, one above.
    private static func digits(_ value: Double) -> String {
        let places = value < 10 ? 100.0 : 10.0
        return "\((value * places).rounded() / places)"
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
