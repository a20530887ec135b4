import CLibAV
import Primitives

/// Irons out time stamps that a container rounded: packets of sound follow each other without a gap unless the source
/// shows one.
struct AudioClock {
    private var next: Int64?
    /// Largest difference that is rounding, in ticks.
    let tolerance: Int64
    /// One sample, as a length.
    private let unit: Rational
    /// What of the source's time the rendition has, in samples.
    private let window: Range<Int64>
    /// Stretches of the window, between packets, for which the source has no sound.
    private(set) var gaps = SoundGaps()

    /// - Parameters:
    ///   - source: unit of the source's time stamps.
    ///   - unit: one sample.
    ///   - window: times that are kept.
    init(source: AVRational, unit: AVRational, window: Range<Int64>) {
        // One tick of the source on either side, and a sample for rounding again.
        tolerance = av_rescale_q_rnd(1, source, unit, AV_ROUND_UP) + 1
        self.unit = Rational(unit) ?? Rational(1, 48_000)
        self.window = window
    }

    /// - Parameters:
    ///   - stamp: time by the source, in samples; nil when it has none.
    ///   - duration: samples in the packet.
    mutating func time(_ stamp: Int64?, duration: Int64) -> Int64 {
        let time: Int64
        if let next, stamp.map({ abs($0 - next) <= tolerance }) ?? true {
            time = next
        } else {
            time = stamp ?? 0
            if let next, next < time { note((next..<time).clamped(to: window)) }
        }
        next = time + duration
        return time
    }

    private mutating func note(_ gap: Range<Int64>) {
        guard !gap.isEmpty else { return }
        // In floating point: between the stamps of a hostile file may lie more than an integer counts.
        let (start, end) = (Double(gap.lowerBound) * unit.double, Double(gap.upperBound) * unit.double)
        gaps.add(at: start, seconds: end - start)
    }
}

/// Stretches of time for which a track of the source has no sound between its packets.
package struct SoundGaps: Codable, Hashable, Sendable {
    /// Shorter ones are the jitter of what wrote the file.
    static let shortest = 0.05
    /// In milliseconds: 31,000 years. What a hostile file says beyond that is not counted.
    private static let longest = 1e15

    package private(set) var count = 0
    /// Of all of them.
    package private(set) var milliseconds = 0.0
    /// Where the first begins, from the start of the rendition.
    package private(set) var firstAtMilliseconds = 0.0

    mutating func add(at position: Double, seconds: Double) {
        guard seconds >= Self.shortest else { return }
        if count == 0 { firstAtMilliseconds = min(max((position * 1000).rounded(), -Self.longest), Self.longest) }
        count += 1
        milliseconds = min(milliseconds + (seconds * 1000).rounded(), Self.longest)
    }
}
