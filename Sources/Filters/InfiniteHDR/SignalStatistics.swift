import ColorScience
import Glibc

/// How much of a frame lies above which signal: what the condition network is told beside the mean color.
///
/// Unlike a thumbnail's pixels, shares do not change with the frame's size: a small lamp that is clipped counts as clipped
/// at every resolution. The training computes the same numbers (`Training/remaster_training/statistics_input.py`).
struct SignalStatistics: Sendable {
    /// Signals that a pixel's largest component is compared with.
    static let largest: [Double] = [
        0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.87, 0.9, 0.92, 0.94, 0.955, 0.97, 0.98, 0.988,
        0.994, 0.998,
    ]
    /// Signals that a pixel's smallest component is compared with.
    static let smallest: [Double] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.994]
    /// Numbers of a frame.
    static let count = largest.count + smallest.count
    /// Base-2 logarithm of the share below which a share counts as none.
    private static let finest = -12.0

    /// Pixels between two neighbouring thresholds, the first below all of them.
    private var largestBins = [Int](repeating: 0, count: Self.largest.count + 1)
    private var smallestBins = [Int](repeating: 0, count: Self.smallest.count + 1)
    private var total = 0

    /// Counts a pixel.
    ///
    /// - Parameter color: BT.709 R′G′B′ in [0, 1].
    mutating func add(_ color: Vector3) {
        largestBins[Self.below(color.maximum, Self.largest)] += 1
        smallestBins[Self.below(min(color.x, color.y, color.z), Self.smallest)] += 1
        total += 1
    }

    /// Shares of pixels above each signal, on a logarithmic scale from 0 (none, or less than a 4096th) to 1 (all).
    var values: [Float] {
        [largestBins, smallestBins].flatMap { bins in
            var above = 0
            var shares: [Float] = []
            for bin in bins.dropFirst().reversed() {
                above += bin
                let share = max(Double(above) / Double(max(total, 1)), exp2(Self.finest))
                shares.append(Float(1 - log2(share) / Self.finest))
            }
            return shares.reversed()
        }
    }

    /// Number of thresholds below a value.
    private static func below(_ value: Double, _ thresholds: [Double]) -> Int {
        var (low, high) = (0, thresholds.count)
        while low < high {
            let middle = (low + high) / 2
            if thresholds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
