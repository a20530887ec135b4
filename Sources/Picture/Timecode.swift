package import Primitives

/// A SMPTE ST 12-1 time address: counts frames, and in drop-frame form skips numbers to keep pace with the clock.
package struct Timecode: Hashable, Sendable, CustomStringConvertible {
    /// Frames since 00:00:00:00, without the skipped numbers; below one day.
    package let frameNumber: Int
    /// Numbers in a second: the frame rate rounded up, 24 for 23.976.
    package let framesPerSecond: Int
    /// Only at 29.97 and 59.94: the first 2 (4) numbers of every minute but each tenth are skipped.
    package let isDropFrame: Bool

    /// Reads `HH:MM:SS:FF`, with `;` or `.` before the frames for drop-frame.
    ///
    /// Nil for any other shape, a field out of range, a number that drop-frame skips, or drop-frame at another rate.
    package init?(_ text: String, rate: Rational) {
        guard let framesPerSecond = Self.nominal(rate) else { return nil }
        let bytes = Array(text.utf8)
        guard bytes.count == 11 || (bytes.count == 12 && framesPerSecond > 99) else { return nil }
        let colon = UInt8(ascii: ":")
        guard bytes[2] == colon, bytes[5] == colon else { return nil }
        let isDropFrame = bytes[8] == UInt8(ascii: ";") || bytes[8] == UInt8(ascii: ".")
        guard isDropFrame || bytes[8] == colon else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let hours = number(0..<2), let minutes = number(3..<5), let seconds = number(6..<8), let frames = number(9..<bytes.count),
            hours < 24, minutes < 60, seconds < 60, frames < framesPerSecond
        else { return nil }
        var dropped = 0
        if isDropFrame {
            guard let skip = Self.skippedNumbers(framesPerSecond, rate) else { return nil }
            if minutes % 10 != 0, seconds == 0, frames < skip { return nil }
            let totalMinutes = hours * 60 + minutes
            dropped = skip * (totalMinutes - totalMinutes / 10)
        }
        self.framesPerSecond = framesPerSecond
        self.isDropFrame = isDropFrame
        frameNumber = ((hours * 60 + minutes) * 60 + seconds) * framesPerSecond + frames - dropped
    }

    private init(frameNumber: Int, framesPerSecond: Int, isDropFrame: Bool) {
        self.frameNumber = frameNumber
        self.framesPerSecond = framesPerSecond
        self.isDropFrame = isDropFrame
    }

    /// The address `frames` later (earlier when negative); past midnight it starts again at 00:00:00:00.
    package func advanced(by frames: Int) -> Timecode {
        let day = framesPerDay
        let number = ((frameNumber + frames) % day + day) % day
        return Timecode(frameNumber: number, framesPerSecond: framesPerSecond, isDropFrame: isDropFrame)
    }

    /// The address of the same moment where every frame became `factor` frames.
    ///
    /// - Precondition: `factor` ≥ 1.
    package func multiplied(by factor: Int) -> Timecode {
        precondition(factor >= 1, "a frame becomes at least one")
        return Timecode(frameNumber: frameNumber * factor, framesPerSecond: framesPerSecond * factor, isDropFrame: isDropFrame)
    }

    /// `HH:MM:SS:FF`, with `;` before the frames for drop-frame.
    package var description: String {
        var number = frameNumber
        if isDropFrame {
            let skip = framesPerSecond / 15
            let perMinute = framesPerSecond * 60 - skip
            let perTenMinutes = framesPerSecond * 600 - 9 * skip
            let (tens, rest) = number.quotientAndRemainder(dividingBy: perTenMinutes)
            number += 9 * skip * tens
            if rest >= framesPerSecond * 60 { number += skip * ((rest - framesPerSecond * 60) / perMinute + 1) }
        }
        let (seconds, frames) = number.quotientAndRemainder(dividingBy: framesPerSecond)
        let fields = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(Self.twoDigits).joined(separator: ":")
        return fields + (isDropFrame ? ";" : ":") + Self.twoDigits(frames)
    }

    private var framesPerDay: Int {
        let full = framesPerSecond * 86_400
        return isDropFrame ? full - framesPerSecond / 15 * (1440 - 144) : full
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func nominal(_ rate: Rational) -> Int? {
        guard rate.numerator > 0, rate.double <= 1000 else { return nil }
        return Int((rate.numerator + rate.denominator - 1) / rate.denominator)
    }

    private static func skippedNumbers(_ framesPerSecond: Int, _ rate: Rational) -> Int? {
        guard framesPerSecond % 30 == 0, framesPerSecond <= 120, rate < Rational(Int64(framesPerSecond), 1) else { return nil }
        return framesPerSecond / 15
    }
}
