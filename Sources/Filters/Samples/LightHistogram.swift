package import ColorScience

/// Counts of max(R′, G′, B′) of PQ signals in 4096 bins (12-bit PQ, full range): whole numbers, so that the levels
/// derived from them do not depend on the order of counting.
package struct LightHistogram: Hashable, Sendable {
    package static let binCount = 4096
    /// Independent histograms that the kernel spreads rows over, so that neighbouring workgroups seldom meet.
    package static let copyCount = 16

    package private(set) var bins: [Int]

    package init() { bins = [Int](repeating: 0, count: Self.binCount) }

    /// Sums the copies that the kernel wrote: `copyCount` × `binCount` counts.
    package init(copies: [UInt32]) {
        self.init()
        for (index, count) in copies.enumerated() { bins[index % Self.binCount] += Int(count) }
    }

    /// Counts one pixel.
    package mutating func add(_ signal: Vector3) {
        let level = min(max(signal.maximum, 0), 1)
        bins[Int((level * Double(Self.binCount - 1) + 0.5).rounded(.down))] += 1
    }

    /// Counts pixels without light.
    package mutating func addBlack(_ pixels: Int) { bins[0] += pixels }

    /// The levels of the frame, each bin standing for the light of its middle; nil for no pixels.
    package var lightLevel: FrameLightLevel? {
        let count = bins.reduce(0, +)
        guard count > 0, let top = bins.lastIndex(where: { $0 > 0 }) else { return nil }
        var sum = 0.0
        var seen = 0
        var percentile = 0
        let rank = max(Int((Double(count) * 0.9999).rounded(.up)), 1)
        for (bin, pixels) in bins.enumerated() where pixels > 0 {
            sum += Self.luminance(of: bin) * Double(pixels)
            if seen < rank { percentile = bin }
            seen += pixels
        }
        return FrameLightLevel(
            maximum: Self.luminance(of: top), average: sum / Double(count), percentile9999: Self.luminance(of: percentile))
    }

    private static func luminance(of bin: Int) -> Double { bin == 0 ? 0 : PQ.eotf(Double(bin) / Double(binCount - 1)) }
}
