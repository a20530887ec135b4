import Media
import Picture

/// Looks at single frames, without a reference: how noisy, how detailed, how blocky they are, and how much of the range
/// they use. Luma alone, on the scale of 8 bits.
struct QualityMeter {
    /// Means over the frames that were added.
    private(set) var frames = 0
    private var noise = 0.0
    private var detail = 0.0
    private var blocks = 0.0
    private var contrast = 0.0

    /// Largest sides of what is looked at, from the middle of a frame: enough for stable figures.
    private static let window = 1024

    mutating func add(_ frame: borrowing Frame) {
        let luma = Self.luma(of: frame)
        guard luma.width >= 24, luma.height >= 24 else { return }
        frames += 1
        noise += luma.noise
        detail += luma.detail
        blocks += luma.blockiness
        contrast += luma.contrast
    }

    /// Nil before the first frame.
    var assessment: QualityAssessment? {
        guard frames > 0 else { return nil }
        let count = Double(frames)
        return QualityAssessment(noise: noise / count, detail: detail / count, blockiness: blocks / count, contrast: contrast / count)
    }

    private static func luma(of frame: borrowing Frame) -> LumaWindow {
        let size = frame.layout.planeSize(0)
        let (width, height) = (min(size.width, window), min(size.height, window))
        // Blocks of codecs begin at multiples of 8.
        let (left, top) = ((size.width - width) / 2 / 8 * 8, (size.height - height) / 2 / 8 * 8)
        let depth = frame.layout.format.bitDepth
        let scale = Float(1) / Float(1 << (depth - 8))
        // Of RGB the first plane is green, which is most of luma.
        let samples = frame.withPlane(0) { span, stride in
            span.withUnsafeBytes { bytes in
                var samples = [Float](repeating: 0, count: width * height)
                for y in 0..<height {
                    for x in 0..<width {
                        let place = (top + y) * stride
                        samples[y * width + x] =
                            depth == 8
                            ? Float(bytes[place + left + x])
                            : Float(bytes.loadUnaligned(fromByteOffset: place + 2 * (left + x), as: UInt16.self)) * scale
                    }
                }
                return samples
            }
        }
        return LumaWindow(width: width, height: height, samples: samples)
    }
}

/// A piece of luma in codes of 8 bits.
private struct LumaWindow {
    let width: Int
    let height: Int
    let samples: [Float]

    private func at(_ x: Int, _ y: Int) -> Float { samples[y * width + x] }

    /// Standard deviation of noise, in codes: J. Immerkær's mask, over places without an edge (S.-C. Tai, S.-M. Yang
    /// 2008: the tenth of the places with the smallest gradient is kept, here those below 12 codes).
    var noise: Double {
        var (sum, count) = (0.0, 0)
        for y in 1..<height - 1 {
            for x in 1..<width - 1 {
                let (a, b, c) = (at(x - 1, y - 1), at(x, y - 1), at(x + 1, y - 1))
                let (d, e, f) = (at(x - 1, y), at(x, y), at(x + 1, y))
                let (g, h, i) = (at(x - 1, y + 1), at(x, y + 1), at(x + 1, y + 1))
                let across = (c + 2 * f + i) - (a + 2 * d + g)
                let down = (g + 2 * h + i) - (a + 2 * b + c)
                guard abs(across) + abs(down) < 48 else { continue }
                sum += Double(abs(a - 2 * b + c - 2 * d + 4 * e - 2 * f + g - 2 * h + i))
                count += 1
            }
        }
        return count == 0 ? 0 : (Double.pi / 2).squareRoot() / 6 * sum / Double(count)
    }

    /// Share of a blur's loss: how much neighbouring differences shrink when the picture is blurred once more
    /// (F. Crété-Roffet 2007); 0 for a picture without edges, towards 1 for a sharp one.
    var detail: Double {
        var (total, lost) = (0.0, 0.0)
        for y in 0..<height {
            var sum: Float = 0
            for x in 0..<min(9, width) { sum += at(x, y) }
            var previous: Float?
            for x in 4..<width - 4 {
                if x > 4 { sum += at(x + 4, y) - at(x - 5, y) }
                let mean = sum / 9
                if let previous {
                    let sharp = abs(at(x, y) - at(x - 1, y))
                    total += Double(sharp)
                    lost += Double(max(0, sharp - abs(mean - previous)))
                }
                previous = mean
            }
        }
        return total == 0 ? 0 : lost / total
    }

    /// How much larger steps are at every eighth column and row than elsewhere; 0 without blocks.
    var blockiness: Double {
        var (edge, edges, inner, inners) = (0.0, 0, 0.0, 0)
        for y in 0..<height {
            for x in 1..<width {
                let step = Double(min(abs(at(x, y) - at(x - 1, y)), 32))
                if x % 8 == 0 { (edge, edges) = (edge + step, edges + 1) } else { (inner, inners) = (inner + step, inners + 1) }
            }
        }
        for y in 1..<height {
            for x in 0..<width {
                let step = Double(min(abs(at(x, y) - at(x, y - 1)), 32))
                if y % 8 == 0 { (edge, edges) = (edge + step, edges + 1) } else { (inner, inners) = (inner + step, inners + 1) }
            }
        }
        let (atEdges, elsewhere) = (edge / Double(max(edges, 1)), inner / Double(max(inners, 1)))
        return max(0, (atEdges - elsewhere) / (elsewhere + 0.5))
    }

    /// Distance from the 1st to the 99th percentile, as a share of 219 codes.
    var contrast: Double {
        var counts = [Int](repeating: 0, count: 256)
        for sample in samples { counts[Int(min(max(sample, 0), 255))] += 1 }
        func percentile(_ share: Double) -> Int {
            var left = Int(Double(samples.count) * share)
            for (code, count) in counts.enumerated() {
                left -= count
                if left < 0 { return code }
            }
            return 255
        }
        return min(1, Double(percentile(0.99) - percentile(0.01)) / 219)
    }
}
