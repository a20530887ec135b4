import CLibAV
import Primitives

/// Gives the packets of a track of sound their places in the rendition, by their time stamps and by their lengths.
///
/// Containers round time stamps, and recorders let them jitter, repeat them or get single ones wrong. So sound goes on evenly unless
/// its stamps contradict that by more than `tolerance`, and the stamp of the following packet does so too, to the same side. Then the
/// stamp holds: forwards it is a gap, backwards an overlap. What rounding or a clock that runs slow adds up to is so put right when it
/// passes the tolerance, and nothing is inserted or cut before. A stamp that the next one does not confirm is counted and passed over.
struct AudioClock {
    /// A packet as it comes.
    struct Arrival {
        /// By the source, in samples from the start of the rendition; nil for none.
        let time: Int64?
        /// In samples; 0 for unknown.
        let duration: Int64
        /// Whether the duration counts samples; what a container says of it may be rounded.
        let isExact: Bool
    }

    /// What the rendition has of the source's time, and where its picture ends.
    struct Bounds {
        let window: TrimWindow
        /// Length of the rendition's picture.
        let picture: MediaTime
    }

    /// Largest difference between a stamp and an even course that is passed over, in samples: 10 ms, less than half of a packet of any
    /// usual codec, or what the unit of the stamps cannot tell apart.
    let tolerance: Int64
    private(set) var findings = SoundFindings()

    private let source: AVRational
    /// One sample, as a length.
    private let unit: AVRational
    private let bounds: TimeBounds
    private let origin: Int64
    /// What of the source's time the rendition has, in samples.
    private let window: Range<Int64>
    private let pictureEnd: Int64
    /// Where the first packet may be.
    private let beginnings: ClosedRange<Int64>
    /// Whether packets can be cut to the sample.
    private let isCut: Bool
    /// A tick of the source on either side, and a sample for rounding again.
    private let rounding: Int64
    /// How far from the picture sound may begin, in samples; and what all gaps behind the picture may be together.
    private let margin: Int64
    private let unified: SoundForm?

    private var next: Int64?
    private var lastStart = Int64.min
    private var lastTime: Int64?
    private var lateSilence: Int64 = 0
    private var form: SoundForm?
    private var course = Course.even
    private enum Course { case even, overlapping, leavingOut }

    private static let tolerated = 0.01
    private static let reach = 10.0

    /// - Parameters:
    ///   - source: unit of the source's time stamps.
    ///   - unit: one sample.
    ///   - isCut: packets can be cut to the sample.
    ///   - form: what the sound is at first; nil leaves it to the first packet.
    ///   - unified: what the rendition has throughout; nil where its packets are those of the source.
    init(source: AVRational, unit: AVRational, in limits: Bounds, isCut: Bool, form: SoundForm? = nil, unified: SoundForm? = nil) {
        (self.source, self.unit, self.isCut, self.form, self.unified) = (source, unit, isCut, form, unified)
        let sample = Rational(unit) ?? Rational(1, 48_000)
        bounds = TimeBounds(sample)
        rounding = Self.clamp(av_rescale_q_rnd(1, source, unit, AV_ROUND_UP), bounds) + 1
        tolerance = max(rounding, Int64(Self.tolerated / sample.double))
        margin = Int64(Self.reach / sample.double)
        origin = Self.clamp(limits.window.origin(in: unit), bounds)
        window = limits.window.samples(in: unit)
        let length = limits.picture.rescaled(to: sample).value
        pictureEnd = Self.clamp(
            limits.window.length(in: unit) ?? Self.clamp(limits.window.pictureDelay(in: unit), bounds) + Self.clamp(length, bounds), bounds)
        // Reading begins before a range that does not begin with the file.
        beginnings = (limits.window.isTrimmedAtStart ? -bounds.largest : -margin)...max(pictureEnd + margin, 0)
    }

    private static func clamp(_ value: Int64, _ bounds: TimeBounds) -> Int64 { min(max(value, -bounds.largest), bounds.largest) }

    /// - Parameters:
    ///   - stamp: by the source, in its unit; nil when it has none.
    ///   - samples: by the codec; 0 for unknown.
    ///   - duration: by the container, in the source's unit; 0 for unknown. Where it contradicts the codec's by more than jitter, the
    ///     codec's is of another rate, or a packet that is not all to be heard.
    func arrival(_ stamp: Int64?, samples: Int64, stated duration: Int64 = 0) -> Arrival {
        // What no file can mean is the farthest time there is: sums of such times stay within 64 bits.
        let time = stamp.map { Self.clamp(Self.clamp(av_rescale_q($0, source, unit), bounds) - origin, bounds) }
        let stated = min(max(av_rescale_q(duration, source, unit), 0), Int64(Int32.max))
        let counted = min(samples, Int64(Int32.max))
        let isExact = counted > 0 && (stated == 0 || abs(stated - counted) <= tolerance)
        return Arrival(time: time, duration: isExact ? counted : stated, isExact: isExact)
    }

    /// The place of a packet, in samples from the start of the rendition; nil for one that has none. It may begin before the end of the
    /// packet before it: what overlaps there is to be cut from the later one, where packets can be cut.
    ///
    /// - Parameter following: the packet behind it; nil for the last one.
    mutating func place(_ packet: Arrival, before following: Arrival?) -> Range<Int64>? {
        // A stamp that says the same as the one before it says nothing.
        let isRepeated = packet.time != nil && packet.time == lastTime
        lastTime = packet.time ?? lastTime
        let duration = length(of: packet, before: following)
        guard let next else {
            let time = packet.time ?? 0
            return beginnings.contains(time) ? advance(to: time, duration) : leaveOut(time, duration)
        }
        // Where packets are left out because of an overlap, what follows them takes its place exactly.
        let tolerance = course == .overlapping ? rounding : self.tolerance
        guard let time = packet.time, abs(time - next) > tolerance else { return advance(to: next, duration) }
        guard !isRepeated, isConfirmed(time, by: following, instead: next, duration, tolerance) else {
            if window.contains(next) { findings.stamps.add(at: seconds(next), seconds: 0) }
            return advance(to: next, duration)
        }
        if time > next {
            let late = max(time - max(next, pictureEnd), 0)
            guard lateSilence + late <= margin else { return leaveOut(time, duration) }
            lateSilence += late
            note(next..<time, in: \.gaps)
            return advance(to: time, duration)
        }
        note(time..<min(next, time + duration), in: \.overlaps, isContinued: course == .overlapping)
        guard time + duration > next, isCut || time > lastStart else {
            course = .overlapping
            return nil
        }
        return advance(to: time, duration)
    }

    /// Takes down what form the sound at a place has.
    mutating func note(_ form: SoundForm, at place: Int64) {
        guard window.contains(place) else { return }
        defer { self.form = form }
        guard let before = self.form, !form.isSame(as: before) else { return }
        if findings.change == nil {
            findings.change = SoundChange(
                from: before.description, to: form.description, atMilliseconds: (seconds(place) * 1000).rounded(),
                unified: unified?.description)
        } else {
            findings.change?.count += 1
        }
    }

    /// Whether the packet behind contradicts an even course to the same side. The last packet is not moved behind the picture.
    private func isConfirmed(
        _ time: Int64, by following: Arrival?, instead next: Int64, _ duration: Int64, _ tolerance: Int64
    ) -> Bool {
        guard let following else { return time > next && time < pictureEnd }
        guard let after = following.time, after != time else { return true }
        let difference = after - next - duration
        return time > next ? difference > tolerance : difference < -tolerance
    }

    /// A length that the container rounded, or does not know, is what the stamps make of it.
    private func length(of packet: Arrival, before following: Arrival?) -> Int64 {
        guard !packet.isExact, let time = packet.time, let after = following?.time else { return packet.duration }
        let length = after - time
        let isCredible = packet.duration == 0 ? (0...margin).contains(length) : abs(length - packet.duration) <= 2 * rounding
        return isCredible ? max(length, 0) : packet.duration
    }

    private mutating func advance(to start: Int64, _ duration: Int64) -> Range<Int64> {
        course = .even
        lastStart = start
        let end = start + duration
        next = end
        if start < window.upperBound { findings.end = max(findings.end ?? -.infinity, seconds(min(end, window.upperBound))) }
        return start..<end
    }

    private mutating func leaveOut(_ time: Int64, _ duration: Int64) -> Range<Int64>? {
        note(time..<time + duration, in: \.leftOut, isContinued: course == .leavingOut)
        course = .leavingOut
        return nil
    }

    private mutating func note(
        _ stretch: Range<Int64>, in list: WritableKeyPath<SoundFindings, SoundStretches>, isContinued: Bool = false
    ) {
        let kept = stretch.clamped(to: window)
        guard !kept.isEmpty else { return }
        findings[keyPath: list].add(
            at: seconds(kept.lowerBound), seconds: seconds(kept.upperBound) - seconds(kept.lowerBound), isContinued: isContinued)
    }

    private func seconds(_ samples: Int64) -> Double { Double(samples) * Double(unit.num) / Double(max(unit.den, 1)) }
}
