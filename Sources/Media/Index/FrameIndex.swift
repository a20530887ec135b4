package import Primitives

/// When each frame of a file is shown, and where decoding can begin: the file's frames get numbers by it, counted in
/// presentation order from 0.
///
/// Times are those of the file: start offset and edit lists are in them. Where the file shows two frames at one time,
/// the later one is put one tick after the earlier, so that times always ascend; frames without a time stamp are placed
/// between their neighbours. Frames that no decoder can give (before the first keyframe, cut off by an edit list) have
/// no number.
package struct FrameIndex: Hashable, Sendable {
    /// Unit of all times.
    package let timebase: Rational
    /// The video stream that was indexed.
    package let streamIndex: Int
    /// Presentation time of each frame, strictly ascending, in `timebase` ticks.
    package let times: [Int64]
    /// Where the last frame ends, in `timebase` ticks.
    package internal(set) var endTime: Int64
    /// Bytes of all packets of the stream.
    package let videoBytes: Int64
    /// Packets of the stream, also those that give no frame.
    package let packetCount: Int
    /// How the order was found.
    package let method: Method

    /// For each frame the number, in file order from 0, of the packet it is made of.
    let packets: [Int32]
    /// Packets at which decoding can begin, in file order.
    let keys: [Key]
    /// Frames at the end of the file that have no number, because the file stops before they are whole.
    package internal(set) var leftOut: Int
    /// Packets at which the headers begin to say something else of the pictures, in file order.
    var changes: [HeaderChange]

    /// How the order of the frames was found.
    package enum Method: UInt8, Sendable, Hashable, CaseIterable {
        /// From the time stamps of the packets, without decoding.
        case timestamps = 0
        /// By decoding everything: time stamps were missing, or packets and frames do not correspond one to one.
        case decoding = 1
    }

    /// A packet at which decoding can begin, and what it is recognised by after a seek.
    struct Key: Hashable, Sendable {
        /// Number of the packet, in file order from 0.
        var packet: Int32
        /// As the file has it; nil when missing.
        var presentationTime: Int64?
        var decodeTime: Int64?
        var byteCount: Int32
    }

    package var count: Int { times.count }

    init(
        timebase: Rational, streamIndex: Int, times: [Int64], endTime: Int64, videoBytes: Int64, packetCount: Int, method: Method,
        packets: [Int32], keys: [Key], leftOut: Int = 0, changes: [HeaderChange] = []
    ) {
        (self.timebase, self.streamIndex, self.times, self.endTime) = (timebase, streamIndex, times, endTime)
        (self.videoBytes, self.packetCount, self.method) = (videoBytes, packetCount, method)
        (self.packets, self.keys, self.leftOut, self.changes) = (packets, keys, leftOut, changes)
    }

    /// The frames before `frame`; the others are left out.
    func cut(at frame: Int) -> FrameIndex {
        FrameIndex(
            timebase: timebase, streamIndex: streamIndex, times: Array(times.prefix(frame)),
            endTime: frame < count ? times[frame] : endTime,
            videoBytes: videoBytes, packetCount: packetCount, method: method, packets: Array(packets.prefix(frame)), keys: keys,
            leftOut: leftOut + count - frame, changes: changes)
    }

    package func time(_ frame: Int) -> MediaTime { MediaTime(times[frame], timebase) }

    /// Ticks from a frame to the next, or to the end.
    package func duration(of frame: Int) -> Int64 { (frame + 1 < count ? times[frame + 1] : endTime) - times[frame] }

    /// All frames.
    package var all: FrameRange { FrameRange(0, count) }

    /// Length from the first frame to the end of the last.
    package var duration: MediaTime { MediaTime(count == 0 ? 0 : endTime - times[0], timebase) }
}

extension FrameIndex {
    /// The frame rate, from the times of all frames; of a single frame, from its duration.
    ///
    /// Constant when every frame lies within 1.5 ticks, or 1 ms where ticks are finer, of an even grid: containers round
    /// times to milliseconds. Constant too for film whose pictures last three and two fields in turn.
    package var frameRate: FrameRateKind {
        guard let first = times.first, let last = times.last else { return .variable(average: Rational(1, 1)) }
        guard count >= 2 else {
            return .constant(StandardFrameRate.simplified(Rational(timebase.denominator, timebase.numerator * max(endTime - first, 1))))
        }
        let average = Rational(timebase.denominator, timebase.numerator) * Rational(Int64(count - 1), last - first)
        let step = Double(last - first) / Double(count - 1)
        let tolerance = max(1.5, 0.001 / timebase.double)
        // The grid of the true rate: a clip of a few frames gives its mean only roughly.
        let standard = StandardFrameRate.nearest(to: average, uncertainty: 2 * tolerance / Double(last - first))
        let gridStep = standard.flatMap(\.reciprocal).map { $0.double / timebase.double } ?? step
        let isEven = times.enumerated().allSatisfy { abs(Double($1 - first) - Double($0) * gridStep) <= tolerance }
        guard isEven else {
            return pulldownRate.map { .constant($0) } ?? .variable(average: StandardFrameRate.simplified(average))
        }
        return .constant(standard ?? StandardFrameRate.simplified(average))
    }

    /// The standard rate of an even stream whose times only come near it, because its container rounds them; nil where the
    /// times are exact, or the rate is no standard one.
    package var roundedRate: Rational? {
        guard case .constant(let rate) = frameRate, StandardFrameRate.all.contains(rate), let first = times.first else { return nil }
        // A time is exact when ticks × numerator of the timebase × rate is a whole number of frames.
        let (ticks, frames) = (timebase.numerator * rate.numerator, timebase.denominator * rate.denominator)
        let isExact = times.enumerated().allSatisfy { number, time in
            let (left, overflow) = (time - first).multipliedReportingOverflow(by: ticks)
            return !overflow && left == Int64(number) * frames
        }
        return isExact ? nil : rate
    }

    /// The frames shown in `[from, to)` milliseconds after the first frame; nil means from the start, to the end.
    ///
    /// A frame belongs to the range when it begins in it; the frame on the screen at `from` belongs to it too.
    package func frames(fromMilliseconds from: Int64?, toMilliseconds to: Int64?) -> FrameRange {
        guard let first = times.first else { return FrameRange(0, 0) }
        let milliseconds = Rational(1, 1000)
        func moment(_ position: Int64) -> Int64 {
            let (time, isBeyond) = first.addingReportingOverflow(MediaTime(max(position, 0), milliseconds).rescaled(to: timebase).value)
            return isBeyond ? .max : time
        }
        let start = from.map { moment($0) } ?? first
        let end = to.map { moment($0) }
        let startFrame = start >= endTime ? count : max(firstFrame(after: start) - 1, 0)
        let endFrame = end.map { firstFrame(notBefore: $0) } ?? count
        return FrameRange(min(startFrame, endFrame), endFrame)
    }

    /// Number of the first frame with a time above `time`; `count` when there is none.
    func firstFrame(after time: Int64) -> Int { partition { $0 <= time } }

    /// Number of the first frame with a time of `time` or above; `count` when there is none.
    func firstFrame(notBefore time: Int64) -> Int { partition { $0 < time } }

    private func partition(_ isBefore: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(times[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Whether frames follow each other evenly.
package enum FrameRateKind: Hashable, Sendable {
    case constant(Rational)
    /// Frames divided by time.
    case variable(average: Rational)
}

/// The frame rates of the trade, to which rates that were measured from rounded times are snapped.
enum StandardFrameRate {
    static let all: [Rational] =
        [24, 30, 48, 60, 120, 240].map { Rational($0 * 1000, 1001) }
        + [8, 10, 12, 12.5, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 72, 90, 96, 100, 120, 144, 200, 240].map { Rational(Int64($0 * 2), 2) }

    /// The standard rate that differs from `rate` by less than the relative `uncertainty` (at most 0.2 %, and always
    /// tried within one in a hundred thousand).
    static func nearest(to rate: Rational, uncertainty: Double) -> Rational? {
        let bound = min(max(uncertainty, 1e-5), 0.002)
        let nearest = all.min { abs($0.double - rate.double) < abs($1.double - rate.double) }
        guard let nearest, abs(nearest.double / rate.double - 1) <= bound else { return nil }
        return nearest
    }

    /// `rate` with terms small enough for every container, at most 2³⁰.
    static func simplified(_ rate: Rational) -> Rational {
        guard rate.numerator > 1 << 30 || rate.denominator > 1 << 30 else { return rate }
        return Rational(Int64((rate.double * 1_000_000).rounded()), 1_000_000)
    }
}
