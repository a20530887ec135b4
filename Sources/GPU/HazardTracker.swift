/// Decides where barriers go: one is due when work touches bytes that earlier, still unordered work wrote, or writes
/// bytes that such work read.
struct HazardTracker {
    /// A range of bytes of one buffer, and how it is touched.
    struct Touch {
        var buffer: ObjectIdentifier
        var bytes: Range<Int>
        var reads: Bool
        var writes: Bool

        /// Whether the order of the two matters.
        func conflicts(with other: Touch) -> Bool {
            buffer == other.buffer && bytes.overlaps(other.bytes) && (writes || other.writes)
        }
    }

    /// What has been recorded since the last barrier.
    private var unordered: [Touch] = []

    /// Notes one piece of work and says whether a barrier must be recorded before it.
    mutating func barrierIsNeeded(before touches: [Touch]) -> Bool {
        let conflict = touches.contains { touch in unordered.contains { $0.conflicts(with: touch) } }
        if conflict { unordered.removeAll(keepingCapacity: true) }
        unordered.append(contentsOf: touches)
        return conflict
    }
}
