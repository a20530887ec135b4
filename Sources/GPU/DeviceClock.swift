/// The clock that timestamps are read from. It counts in as many bits as the queue says, and after them begins anew: with 36 bits
/// of 52 ns each hour.
package struct DeviceClock: Sendable, Equatable {
    /// Bits of a timestamp that count, 0 to 64; 0: the queue writes none.
    package let validBits: Int
    /// Nanoseconds of one tick.
    package let period: Double

    package init(validBits: Int, period: Double) {
        self.validBits = validBits
        self.period = period
    }

    /// Ticks from one timestamp to a later one, also where the clock has begun anew between them. What is half of its range or
    /// more is a timestamp before the other, and counts as none.
    package func ticks(from start: UInt64, to end: UInt64) -> UInt64 {
        guard validBits > 0 else { return 0 }
        let mask = validBits < 64 ? (1 << UInt64(validBits)) - 1 : UInt64.max
        let difference = (end &- start) & mask
        return difference > mask >> 1 ? 0 : difference
    }

    /// The time that ticks take, up to the longest that nanoseconds of 64 bits can tell.
    package func duration(_ ticks: UInt64) -> Duration {
        let nanoseconds = Double(ticks) * period
        guard nanoseconds > 0 else { return .zero }
        return .nanoseconds(nanoseconds < 0x1p63 ? Int64(nanoseconds) : .max)
    }

    /// Adds up the time of each stage, in the order of first appearance.
    ///
    /// - Parameters:
    ///   - names: of the stages, each from one timestamp to the next.
    ///   - timestamps: one more than names; else no times are told.
    package func times(of names: [String], at timestamps: [UInt64]) -> [StageTime] {
        guard !names.isEmpty, timestamps.count == names.count + 1 else { return [] }
        var order: [String] = []
        var sums: [String: UInt64] = [:]
        for (index, name) in names.enumerated() {
            if sums[name] == nil { order.append(name) }
            let (sum, overflow) = sums[name, default: 0].addingReportingOverflow(
                ticks(from: timestamps[index], to: timestamps[index + 1]))
            sums[name] = overflow ? .max : sum
        }
        return order.map { StageTime(name: $0, duration: duration(sums[$0, default: 0])) }
    }
}
