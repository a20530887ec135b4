import Primitives

/// Orders the frames of a scanned stream and gives each a time.
struct FrameTimeline {
    private(set) var times: [Int64] = []
    private(set) var packets: [Int32] = []
    private(set) var endTime: Int64 = 0

    /// - Parameters:
    ///   - order: packets in presentation order, when they were found by decoding; nil sorts by time stamp.
    ///   - decodableHead: of the packets shown before the first keyframe, those that decode; nil when there are none.
    ///   - timebase: unit of the packets' times, which are within `TimeBounds`.
    /// - Throws: `noFrames`, `unsupported` when no packet has any time stamp, `limitExceeded` when they lie further apart than a file
    ///   may last.
    init(
        scan: PacketScan, order: [Int32]?, decodableHead: Set<Int32>?, timebase: Rational, limits: MediaLimits
    ) throws(MediaError) {
        let entries = scan.packets
        packets = order ?? Self.sorted(scan, decodableHead: decodableHead)
        guard !packets.isEmpty else { throw .noFrames }
        let stamps = try Self.stamps(packets, entries, timebase, limits)
        times.reserveCapacity(stamps.count)
        for stamp in stamps { times.append(max(stamp, (times.last ?? .min) &+ (times.isEmpty ? 0 : 1))) }
        let last = times[times.count - 1]
        // Steps, sums and multiples of them are within 64 bits from here on.
        try limits.require(length: last - times[0], of: timebase)
        var lastDuration = entries[Int(packets[packets.count - 1])].duration
        let step = times.count > 1 ? last - times[times.count - 2] : 1
        // The packet of one field says how long that is shown, or nothing true: a frame lasts as long as the one before it.
        if scan.hasFields, times.count > 1 { lastDuration = step }
        endTime = last + (lastDuration > 0 ? lastDuration : max(step, 1))
        try limits.require(length: endTime - times[0], of: timebase)
    }

    /// Shown packets from the first keyframe on, by time; where times are equal, by place in the file.
    private static func sorted(_ scan: PacketScan, decodableHead: Set<Int32>?) -> [Int32] {
        let firstKey = scan.keys.first?.packet ?? 0
        let firstTime = scan.keys.first?.presentationTime
        var chosen: [Int32] = []
        for (number, entry) in scan.packets.enumerated() where entry.isShown && number >= Int(firstKey) {
            if let decodableHead, let firstTime, let time = entry.presentationTime, time < firstTime {
                guard decodableHead.contains(Int32(number)) else { continue }
            }
            chosen.append(Int32(number))
        }
        return chosen.sorted {
            let (a, b) = (scan.packets[Int($0)].presentationTime ?? 0, scan.packets[Int($1)].presentationTime ?? 0)
            return a != b ? a < b : $0 < $1
        }
    }

    /// Times in presentation order, missing ones put evenly between their neighbours.
    private static func stamps(
        _ packets: [Int32], _ entries: [PacketScan.Entry], _ timebase: Rational, _ limits: MediaLimits
    ) throws(MediaError) -> [Int64] {
        var known = packets.map { entries[Int($0)].presentationTime }
        if known.allSatisfy({ $0 == nil }) {
            // Decode times ascend by one frame each: sorted, they are the presentation times but for a constant delay.
            let decodeTimes = packets.compactMap { entries[Int($0)].decodeTime }.sorted()
            guard decodeTimes.count == packets.count else { throw .unsupported(.timestamps("the stream has none")) }
            return decodeTimes
        }
        // Before anything is computed with them: times of a hostile file may lie further apart than 64 bits count in small steps.
        let given = known.compactMap { $0 }
        try limits.require(length: (given.max() ?? 0) - (given.min() ?? 0), of: timebase)
        let typical = max(typicalStep(known), 1)
        func typicalSteps(_ count: Int) throws(MediaError) -> Int64 {
            let (ticks, isBeyond) = typical.multipliedReportingOverflow(by: Int64(count))
            try limits.require(length: isBeyond ? .max : ticks, of: timebase)
            return ticks
        }
        var latest: Int64?
        for (frame, time) in known.enumerated() {
            guard let time else { continue }
            // One step back is the jitter of a bad writer; more is another recording pasted behind this one.
            if let latest, time < latest - typical { throw .unsupported(.timestamps("time jumps back at frame \(frame)")) }
            latest = max(latest ?? time, time)
        }
        // Before the first and after the last known time steps are typical.
        if let first = known.firstIndex(where: { $0 != nil }), let time = known[first] {
            let start = try time - typicalSteps(first)
            for index in 0..<first { known[index] = start + Int64(index) * typical }
        }
        var stamps: [Int64] = []
        stamps.reserveCapacity(known.count)
        var index = 0
        while index < known.count {
            if let time = known[index] {
                stamps.append(time)
                index += 1
                continue
            }
            let previous = stamps[index - 1]
            var next = index
            while next < known.count, known[next] == nil { next += 1 }
            let gap = next - index + 1
            let span = try next < known.count ? (known[next] ?? previous) - previous : typicalSteps(gap)
            let (share, rest) = span.quotientAndRemainder(dividingBy: Int64(gap))
            for offset in 1..<gap { stamps.append(previous + share * Int64(offset) + rest * Int64(offset) / Int64(gap)) }
            index = next
        }
        return stamps
    }

    /// Median distance of neighbouring known times; 1 when there are none.
    private static func typicalStep(_ known: [Int64?]) -> Int64 {
        var steps: [Int64] = []
        for index in known.indices.dropFirst() {
            if let a = known[index - 1], let b = known[index], b > a { steps.append(b - a) }
        }
        return steps.isEmpty ? 1 : steps.sorted()[steps.count / 2]
    }
}
