import Primitives

/// Collects the condition vectors of frames into shots; pure.
struct ShotAverage: Sendable {
    private var detector = ShotDetector()
    private var shots: [ShotConditions.Shot] = []
    private var sums: [Double] = []
    private var start: Int
    private var next: Int

    init(firstFrame: Int) {
        start = firstFrame
        next = firstFrame
    }

    /// Adds the next frame.
    mutating func add(_ thumbnail: Thumbnail, condition: [Float]) {
        if detector.feed(thumbnail) { close() }
        if sums.isEmpty { sums = [Double](repeating: 0, count: condition.count) }
        for (index, value) in condition.enumerated() { sums[index] += Double(value) }
        next += 1
    }

    /// All shots so far, the last one closed.
    mutating func finish() -> ShotConditions {
        close()
        return ShotConditions(shots: shots)
    }

    private mutating func close() {
        guard next > start else { return }
        let count = Double(next - start)
        shots.append(ShotConditions.Shot(frames: FrameRange(start, next), condition: sums.map { Float($0 / count) }))
        start = next
        sums = []
    }
}
