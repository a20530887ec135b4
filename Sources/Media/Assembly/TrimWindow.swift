import CLibAV
import Primitives

/// Which part of the source's time a rendition covers.
struct TrimWindow {
    /// Source time that becomes 0, in `timebase` ticks.
    let origin: Int64
    /// Source time of the first frame.
    let firstFrame: Int64
    /// Source time at which the last frame ends; nil when the range reaches to the end of the source, and with it
    /// everything else in the file does.
    let end: Int64?
    let timebase: Rational
    /// Whether something was cut off the front.
    let isTrimmedAtStart: Bool

    /// The first frame is at 0 unless the range begins with the file and another stream begins earlier: then that one
    /// does, and the offset between them stays.
    ///
    /// - Parameters:
    ///   - earliest: start of the earliest other stream, in `index.timebase` ticks; nil for none.
    ///   - startsWithPicture: the container has no track that begins before the picture: what does is cut.
    init(index: FrameIndex, range: FrameRange, earliest: Int64?, startsWithPicture: Bool = false) {
        timebase = index.timebase
        firstFrame = index.times[range.start]
        isTrimmedAtStart = range.start > 0 || startsWithPicture
        origin = isTrimmedAtStart ? firstFrame : min(firstFrame, earliest ?? firstFrame)
        end = range.end < index.count ? index.times[range.end] : nil
    }

    /// `origin` in ticks of another unit, to nearest.
    func origin(in unit: AVRational) -> Int64 { rescale(origin, unit) }

    /// Where the rendition ends, counted from its start; nil when everything is kept.
    func length(in unit: AVRational) -> Int64? { end.map { rescale($0, unit) - rescale(origin, unit) } }

    /// Where the first frame is, counted from the start of the rendition.
    func pictureDelay(in unit: AVRational) -> Int64 { rescale(firstFrame - origin, unit) }

    private func rescale(_ value: Int64, _ unit: AVRational) -> Int64 {
        guard let timebase = timebase.library else { return MediaTime(value, timebase).rescaled(to: Rational(unit) ?? timebase).value }
        return av_rescale_q(value, timebase, unit)
    }
}

/// Irons out time stamps that a container rounded: packets of sound follow each other without a gap unless the source
/// shows one.
struct AudioClock {
    private var next: Int64?
    /// Largest difference that is rounding, in ticks.
    let tolerance: Int64

    /// - Parameters:
    ///   - source: unit of the source's time stamps.
    ///   - unit: one sample.
    init(source: AVRational, unit: AVRational) {
        // One tick of the source on either side, and a sample for rounding again.
        tolerance = av_rescale_q_rnd(1, source, unit, AV_ROUND_UP) + 1
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
        }
        next = time + duration
        return time
    }
}
