package import ColorScience
package import Picture

/// Gives frames more bits, so that what follows does not round to eight: limited range by a shift, which keeps the
/// meaning of every code, full range by the ratio of the largest codes, to nearest. Full-range chroma is stretched about the
/// code of no color, which is half of 2ⁿ at every depth n (H.273, 8.3). Alpha is left out, at any depth.
package final class FrameDeepener {
    private let input: FrameLayout
    private let range: ColorRange
    private let pool: FramePool

    /// Layout of the frames that come out.
    package var layout: FrameLayout { pool.layout }

    /// - Parameters:
    ///   - bitDepth: at least the input's.
    ///   - keepsAlpha: whether the frames that come out have the alpha of the input.
    package init(_ input: FrameLayout, bitDepth: Int, keepsAlpha: Bool = false, range: ColorRange) throws(MediaError) {
        precondition(bitDepth >= input.format.bitDepth, "a deepener does not round")
        self.input = input
        self.range = range
        let format = PixelFormat(
            model: input.format.model, subsampling: input.format.subsampling, bitDepth: bitDepth,
            hasAlpha: keepsAlpha && input.format.hasAlpha)
        pool = try FramePool(layout: FrameLayout(size: input.size, format: format))
    }

    package func deepen(_ frame: consuming Frame) throws(MediaError) -> Frame {
        guard frame.layout == input else { throw .wrongFrame(.otherLayout) }
        let (from, to) = (input.format.bitDepth, layout.format.bitDepth)
        guard from != to else {
            if layout == input { return frame }
            return try frame.sharing(layout)
        }
        var result = try pool.frame()
        (result.index, result.presentationTime, result.duration) = (frame.index, frame.presentationTime, frame.duration)
        let shift = UInt32(to - from)
        let (largest, largestResult) = (UInt32(1) << UInt32(from) - 1, UInt32(1) << UInt32(to) - 1)
        let isFull = range == .full
        let (zero, zeroResult) = (1 << (from - 1), 1 << (to - 1))
        func deep(_ code: UInt32, isChroma: Bool) -> UInt16 {
            guard isFull else { return UInt16(truncatingIfNeeded: code << shift) }
            guard isChroma else { return UInt16(truncatingIfNeeded: (code * largestResult + largest / 2) / largest) }
            let distance = (Int(code) - zero) * Int(largestResult)
            let half = distance < 0 ? -Int(largest / 2) : Int(largest / 2)
            return UInt16(clamping: min((distance + half) / Int(largest) + zeroResult, Int(largestResult)))
        }
        for plane in 0..<layout.format.planeCount {
            let size = input.planeSize(plane)
            let isChroma = input.format.isChroma(plane)
            frame.withPlane(plane) { source, stride in
                source.withUnsafeBytes { source in
                    result.withWritablePlane(plane) { target, targetStride in
                        target.withUnsafeMutableBytes { target in
                            for row in 0..<size.height {
                                let line = target.baseAddress.map { ($0 + row * targetStride).assumingMemoryBound(to: UInt16.self) }
                                guard let line, let start = source.baseAddress else { return }
                                if from == 8 {
                                    let samples = (start + row * stride).assumingMemoryBound(to: UInt8.self)
                                    for x in 0..<size.width { line[x] = deep(UInt32(samples[x]), isChroma: isChroma) }
                                } else {
                                    let samples = (start + row * stride).assumingMemoryBound(to: UInt16.self)
                                    for x in 0..<size.width { line[x] = deep(UInt32(samples[x]), isChroma: isChroma) }
                                }
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}
