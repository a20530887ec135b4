import Primitives

/// Which times of an untrusted file are computed with: a file may name any number of 64 bits, in units of up to 2³¹ ticks a second.
///
/// Two times within the bounds can be added and subtracted, and one can be counted in another unit of a file, without leaving
/// 64 bits.
struct TimeBounds {
    /// Seconds from 0, either way, 136 years: recordings whose clocks began in 1900 or 1970 lie within them.
    static let seconds: Int64 = 1 << 32
    /// Ticks from 0, either way, in any unit.
    static let ticks: Int64 = 1 << 61

    /// One tick, in seconds.
    let unit: Rational
    /// Ticks from 0, either way, in this unit.
    let largest: Int64

    /// - Parameter unit: above 0.
    init(_ unit: Rational) {
        self.unit = unit
        let (ticks, isBeyond) = Self.seconds.multipliedReportingOverflow(by: unit.denominator)
        largest = isBeyond ? Self.ticks : min(ticks / max(unit.numerator, 1), Self.ticks)
    }

    func contains(_ time: Int64) -> Bool { time >= -largest && time <= largest }

    /// - Throws: `unsupported(.timestamps)` for a time out of bounds.
    func require(_ time: Int64) throws(MediaError) {
        guard contains(time) else { throw .unsupported(.timestamps("one is \(time) ticks of \(unit) s")) }
    }

    /// The part of a stretch of time that lies within the bounds; nil where there is none, or it ends before it begins.
    func clamped(_ start: Int64, _ end: Int64) -> ClosedRange<Int64>? {
        guard start <= end, start <= largest, end >= -largest else { return nil }
        return max(start, -largest)...min(end, largest)
    }
}
