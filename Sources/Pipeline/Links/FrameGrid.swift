package import Media
package import Primitives

/// How the frames of a job are numbered and placed in time at one point of its chain.
///
/// Before any change of rate a frame has the number it has in the file; a deinterlacer that gives two frames for each
/// doubles the numbers. After a change of rate frames are counted from the job's first moment.
package struct FrameGrid: Codable, Hashable, Sendable {
    /// Frames made of each frame of the source: 1, or 2 behind a deinterlacer that keeps the field rate.
    package var framesPerSource = 1
    /// Constant rate after a converter, frames a second; nil before any.
    package var rate: Rational?
    /// The job's first frame in the source.
    package let origin: Int
    /// Frames a second of a source that is even, but whose container rounds its times: they are put back where they belong.
    /// Nil where the times of the index stand.
    package let evenRate: Rational?

    package init(origin: Int, evenRate: Rational? = nil) {
        self.origin = origin
        self.evenRate = evenRate
    }

    /// Unit of `time` and `duration`.
    package func timebase(_ index: FrameIndex) -> Rational {
        if let rate { return Rational(1, rate.numerator) }
        if let evenRate { return Rational(1, evenRate.numerator * Int64(framesPerSource)) }
        return index.timebase * Rational(1, Int64(framesPerSource))
    }

    /// Ticks from the job's first frame to frame `number`.
    package func time(of number: Int, _ index: FrameIndex) -> Int64 {
        if let rate { return Int64(number) * rate.denominator }
        if let evenRate { return Int64(number - origin * framesPerSource) * evenRate.denominator }
        let frame = number / framesPerSource
        let step = index.duration(of: frame) * Int64(number % framesPerSource)
        return (index.times[frame] - index.times[origin]) * Int64(framesPerSource) + step
    }

    /// Ticks that a frame is shown.
    package func duration(of number: Int, _ index: FrameIndex) -> Int64 {
        if let rate { return rate.denominator }
        if let evenRate { return evenRate.denominator }
        return index.duration(of: number / framesPerSource)
    }

    /// Frames of the source on this grid; a converter's frames are bounded by its job alone.
    func bounds(_ frames: FrameRange) -> FrameRange { FrameRange(frames.start * framesPerSource, frames.end * framesPerSource) }

    /// The last frame of this grid, which has no rate of its own, that begins no later than frame `number` of `other`.
    ///
    /// - Parameter context: frames of the source among which it is looked for.
    func lastFrame(notAfter number: Int, of other: FrameGrid, _ index: FrameIndex, within context: FrameRange) -> Int {
        let moment = MediaTime(other.time(of: number, index), other.timebase(index))
        return last(within: context) { compare(MediaTime(time(of: $0, index), timebase(index)), moment) <= 0 }
    }

    /// The last of all frames made of `context` for which `holds`, which is true up to some frame and false from there on; the
    /// first when it never is.
    func last(within context: FrameRange, where holds: (Int) -> Bool) -> Int {
        let all = bounds(context)
        var (low, high) = (all.start, all.end)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, all.start)
    }
}

/// −1, 0 or 1, exactly.
func compare(_ left: MediaTime, _ right: MediaTime) -> Int {
    let a = Rational(left.value, 1) * left.timebase
    let b = Rational(right.value, 1) * right.timebase
    return a < b ? -1 : a == b ? 0 : 1
}
