import Primitives

/// The end of a file that does not announce its length: a recording of a transport stream, a program stream, fragments.
///
/// It may stop anywhere, in the middle of a picture too, and before pictures that would be shown between those that came
/// already. The pictures that are not whole, and those behind a gap that opens there, are left out of the index and
/// counted. Damage further in front is none of its business: it ends a job by the frame's number.
struct RecordingTail {
    private let index: FrameIndex
    /// Of the last two packets, in file order.
    private let lastDecodeTime: [Int64?]
    private let hasFields: Bool

    /// Packets that are decoded at most: a longer last group of pictures is not looked at.
    private static let mostPackets = 1000
    /// Steps by which an even stream is known.
    private static let steps = 50

    /// - Parameter hasFields: whether some packets are single fields.
    init(_ index: FrameIndex, lastDecodeTime: [Int64?], hasFields: Bool) {
        self.index = index
        self.lastDecodeTime = lastDecodeTime
        self.hasFields = hasFields
    }

    /// - Parameter endsInPacket: whether the last packet is known to be cut; some decoders make a picture of it all the same.
    /// - Throws: `noFrames` when nothing is whole.
    func withoutBrokenPictures(_ path: String, endsInPacket: Bool, context: MediaContext) throws(MediaError) -> FrameIndex {
        let broken = try brokenFrame(path, endsInPacket: endsInPacket, context: context)
        let cut = [broken, firstGap(isBroken: broken != nil)].compactMap { $0 }.min()
        guard let cut else {
            guard isFieldLost else { return index }
            var whole = index
            whole.leftOut += 1
            return whole
        }
        guard cut > 0 else { throw .noFrames }
        var whole = index.cut(at: cut)
        if let step { whole.endTime = min(whole.endTime, whole.times[cut - 1] + step) }
        return whole
    }

    /// The frame of the last packet, when that is not whole.
    private func brokenFrame(_ path: String, endsInPacket: Bool, context: MediaContext) throws(MediaError) -> Int? {
        // Two packets where fields have packets of their own.
        let firstOfLast = index.packetCount - (index.method == .decoding ? 2 : 1)
        guard let key = index.keys.suffix(2).first, index.packetCount - Int(key.packet) <= Self.mostPackets,
            let first = index.packets.firstIndex(of: key.packet)
        else { return nil }
        let frameOfPacket = index.frameOfPacket
        var run = try DecodingRun(path: path, index: index, start: key, threads: 1, context: context)
        for frame in first..<index.count {
            let isLast = Int(index.packets[frame]) >= firstOfLast
            switch try run.next(frame: frame, frameOfPacket: frameOfPacket) {
            case .frame: if isLast, endsInPacket { return frame }
            case .passed: return isLast ? frame : nil
            }
        }
        return nil
    }

    /// Whether a field stands behind the last frame that no decoder makes one of.
    private var isFieldLost: Bool {
        guard hasFields, let last = index.packets.suffix(32).max() else { return false }
        return Int(last) + 2 < index.packetCount
    }

    /// The typical distance of frames when those before the end are even; nil when they are not.
    private var step: Int64? {
        guard index.method == .timestamps, index.count > 8 else { return nil }
        let times = index.times.dropLast(4).suffix(Self.steps + 1)
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
        let typical = steps[steps.count / 2]
        return steps.allSatisfy { $0 * 2 <= typical * 3 } ? typical : nil
    }

    /// The first frame behind a gap in which a picture is missing that was still to come when the file stopped.
    ///
    /// - Parameter isBroken: whether the last packet does not count.
    private func firstGap(isBroken: Bool) -> Int? {
        guard let step, let reached = (isBroken ? lastDecodeTime.first : lastDecodeTime.last) ?? nil else { return nil }
        // Times of decoding never descend: whatever did not come is shown behind the last of them.
        return (max(1, index.firstFrame(after: reached))..<max(1, index.count)).first { frame in
            (index.times[frame] - index.times[frame - 1]) * 2 > step * 3
        }
    }
}
