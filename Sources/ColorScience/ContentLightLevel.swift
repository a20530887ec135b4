/// Light levels of a programme as they are signalled (CTA-861.3), in whole cd/m².
package struct ContentLightLevel: Hashable, Sendable, Codable {
    /// Largest light of any pixel: max(R, G, B) of linear light.
    package let maxCLL: Int
    /// Largest frame mean of max(R, G, B).
    package let maxFALL: Int

    package init(maxCLL: Int, maxFALL: Int) {
        self.maxCLL = maxCLL
        self.maxFALL = maxFALL
    }
}

/// Light of one frame, in cd/m², over all its pixels, black bars included; a pixel's light is max(R, G, B) of its linear
/// components (CTA-861.3 Annex P).
package struct FrameLightLevel: Hashable, Sendable, Codable {
    package let maximum: Double
    package let average: Double
    /// Light that 99.99 % of the pixels do not exceed: free of single overshooting pixels.
    package let percentile9999: Double

    package init(maximum: Double, average: Double, percentile9999: Double) {
        self.maximum = maximum
        self.average = average
        self.percentile9999 = percentile9999
    }

    /// Measured on display light: the oracle of every meter.
    ///
    /// - Parameter pixels: linear R, G, B in cd/m²; nil for no pixels.
    package init?(pixels: some Collection<Vector3>) {
        guard !pixels.isEmpty else { return nil }
        let lights = pixels.map(\.maximum).sorted()
        let rank = (Double(lights.count) * 0.9999).rounded(.up)
        self.init(
            maximum: lights[lights.count - 1], average: lights.reduce(0, +) / Double(lights.count),
            percentile9999: lights[min(max(Int(rank), 1), lights.count) - 1])
    }
}

/// Light of many frames; meters of parts of a programme can be merged in any order.
package struct LightLevelMeter: Hashable, Sendable, Codable {
    /// Largest light of any pixel, in cd/m².
    package private(set) var maximum = 0.0
    /// Largest mean of a frame, in cd/m².
    package private(set) var maximumAverage = 0.0
    /// Largest 99.99 percentile of a frame, in cd/m².
    package private(set) var percentile9999 = 0.0
    package private(set) var frameCount = 0

    package init() {}

    package mutating func add(_ frame: FrameLightLevel) {
        maximum = max(maximum, frame.maximum)
        maximumAverage = max(maximumAverage, frame.average)
        percentile9999 = max(percentile9999, frame.percentile9999)
        frameCount += 1
    }

    package func merged(with other: LightLevelMeter) -> LightLevelMeter {
        var sum = self
        sum.maximum = max(maximum, other.maximum)
        sum.maximumAverage = max(maximumAverage, other.maximumAverage)
        sum.percentile9999 = max(percentile9999, other.percentile9999)
        sum.frameCount += other.frameCount
        return sum
    }

    /// The measured levels as they would be signalled, rounded to nearest.
    package var contentLightLevel: ContentLightLevel {
        ContentLightLevel(maxCLL: Int(maximum.rounded()), maxFALL: Int(maximumAverage.rounded()))
    }
}
