/// By how much the content of a frame lies further down and to the right than that of another, in whole lines and samples.
package struct FrameOffset: Equatable, Sendable {
    package let down: Int
    package let across: Int

    package init(down: Int, across: Int) { (self.down, self.across) = (down, across) }
}

/// Steps of the means of bands of luma, down eight columns and across four rows: what tells how a picture moved as a whole,
/// and is hardly changed by lines that lie a few samples off. `Training/remaster_training/line_shift.py` is the same in
/// Python.
package struct FrameProjections: Sendable {
    private static let columns = 8
    private static let rows = 4
    /// Largest offsets that are looked for: lines, samples.
    private static let farthest = FrameOffset(down: 24, across: 64)
    /// An offset is taken where the projections fit better than unmoved by this factor.
    private static let worthwhile = 0.9

    private let down: [[Double]]
    private let across: [[Double]]

    /// - Parameter luma: width × height samples without padding.
    package init(luma: UnsafeBufferPointer<Float>, width: Int, height: Int) {
        func mean(_ lines: Range<Int>, _ samples: Range<Int>) -> Double {
            var sum = 0.0
            for y in lines { for x in samples { sum += Double(luma[y * width + x]) } }
            return sum / Double(lines.count * samples.count)
        }
        func steps(_ means: [Double]) -> [Double] { zip(means.dropFirst(), means).map { $0 - $1 } }
        down = (0..<Self.columns).map { band in
            let samples = band * width / Self.columns..<(band + 1) * width / Self.columns
            return steps((0..<height).map { mean($0..<$0 + 1, samples) })
        }
        across = (0..<Self.rows).map { band in
            let lines = band * height / Self.rows..<(band + 1) * height / Self.rows
            var sums = [Double](repeating: 0, count: width)
            for y in lines { for x in 0..<width { sums[x] += Double(luma[y * width + x]) } }
            return steps(sums.map { $0 / Double(lines.count) })
        }
    }

    /// By how much this frame's content lies further than `other`'s.
    package func offset(from other: FrameProjections) -> FrameOffset {
        FrameOffset(
            down: Self.offset(down, other.down, Self.farthest.down), across: Self.offset(across, other.across, Self.farthest.across))
    }

    /// The d for which first(x + d) fits second(x) best, the first of equals.
    private static func offset(_ first: [[Double]], _ second: [[Double]], _ most: Int) -> Int {
        let length = first[0].count
        let farthest = min(most, length / 4)
        let inner = farthest..<length - farthest
        func misfit(_ d: Int) -> Double {
            var sum = 0.0
            for (a, b) in zip(first, second) { for x in inner { sum += abs(a[x + d] - b[x]) } }
            return sum
        }
        let misfits = (-farthest...farthest).map(misfit)
        guard let least = misfits.min(), let best = misfits.firstIndex(of: least) else { return 0 }
        return least < worthwhile * misfits[farthest] ? best - farthest : 0
    }
}
