/// Puts the packets of all segments in one order, with decode times for the whole.
///
/// Every segment comes from an encoder of its own, whose decode times know nothing of the others. They are thrown away:
/// with presentation times sorted over the whole rendition as s₀ < s₁ < …, the packet with decode number k gets the
/// decode time s₍k−d₎, where d is the largest number of places by which any packet is decoded before it is shown. Decode
/// times so ascend strictly, never pass a presentation time, and do not depend on where the cuts are as long as the
/// groups of pictures do not.
package struct SegmentTimeline {
    /// One packet of the rendition, in decode order.
    package struct Item: Equatable {
        package let segment: Int
        /// Number of the packet in its segment.
        package let number: Int
        package let presentationTime: Int64
        package let decodeTime: Int64
        package let duration: Int64
    }

    package let items: [Item]
    /// End of the last frame.
    package let endTime: Int64

    /// - Parameter segments: times and durations of each segment's packets, in decode order.
    /// - Throws: `noFrames`, `wrongFrame(.timeNotAscending)` when segments overlap or a time occurs twice.
    package init(_ segments: [[(presentationTime: Int64, duration: Int64)]]) throws(MediaError) {
        var sorted: [Int64] = []
        for segment in segments {
            let times = segment.map(\.presentationTime).sorted()
            if let last = sorted.last, let first = times.first, first <= last { throw .wrongFrame(.timeNotAscending) }
            for index in times.indices.dropFirst() where times[index] == times[index - 1] { throw .wrongFrame(.timeNotAscending) }
            sorted += times
        }
        guard let first = sorted.first, let last = sorted.last else { throw .noFrames }

        var rank: [Int64: Int] = [:]
        rank.reserveCapacity(sorted.count)
        for (index, time) in sorted.enumerated() { rank[time] = index }
        var (delay, position) = (0, 0)
        for segment in segments {
            for packet in segment {
                delay = max(delay, position - (rank[packet.presentationTime] ?? position))
                position += 1
            }
        }

        // Before the first time steps are as long as the first step.
        let step = sorted.count > 1 ? sorted[1] - sorted[0] : 1
        var items: [Item] = []
        items.reserveCapacity(sorted.count)
        var end = last + 1
        for (number, segment) in segments.enumerated() {
            for (index, packet) in segment.enumerated() {
                let place = items.count - delay
                let decodeTime = place >= 0 ? sorted[place] : first + Int64(place) * step
                let shown = rank[packet.presentationTime] ?? 0
                let duration =
                    shown + 1 < sorted.count ? sorted[shown + 1] - sorted[shown] : max(packet.duration, packet.duration > 0 ? 1 : step)
                if packet.presentationTime == last { end = last + duration }
                items.append(
                    Item(
                        segment: number, number: index, presentationTime: packet.presentationTime, decodeTime: decodeTime,
                        duration: duration))
            }
        }
        self.items = items
        endTime = end
    }
}
