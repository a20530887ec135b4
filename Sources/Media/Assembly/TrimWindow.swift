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

    /// What is kept, counted from the start of the rendition: what begins before it is, unless it is cut there.
    func samples(in unit: AVRational) -> Range<Int64> { (isTrimmedAtStart ? 0 : .min)..<(length(in: unit) ?? .max) }

    /// Where the first frame is, counted from the start of the rendition.
    func pictureDelay(in unit: AVRational) -> Int64 { rescale(firstFrame - origin, unit) }

    /// Differences of two results stay within 64 bits, whatever units a file has.
    private func rescale(_ value: Int64, _ unit: AVRational) -> Int64 {
        let largest = Int64.max / 2
        let scaled =
            if let timebase = timebase.library {
                av_rescale_q(value, timebase, unit)
            } else {
                MediaTime(value, timebase).rescaled(to: Rational(unit) ?? timebase).value
            }
        return min(max(scaled, -largest), largest)
    }
}
