package import ColorScience
package import Picture

/// Gives frames more bits, so that what follows does not round to eight: limited range by a shift, which keeps the
/// meaning of every code, full range by the ratio of the largest codes, to nearest.
package final class FrameDeepener {
    private let input: FrameLayout
    private let range: ColorRange
    private let pool: FramePool

    /// Layout of the frames that come out.
    package var layout: FrameLayout { pool.layout }

    /// - Parameter bitDepth: at least the input's.
    package init(_ input: FrameLayout, bitDepth: Int, range: ColorRange) throws(MediaError) {
        precondition(bitDepth >= input.format.bitDepth, "a deepener does not round")
        self.input = input
        self.range = range
        let format = PixelFormat(
            model: input.format.model, subsampling: input.format.subsampling, bitDepth: bitDepth, hasAlpha: input.format.hasAlpha)
        pool = try FramePool(layout: FrameLayout(size: input.size, format: format))
    }

    package func deepen(_ frame: consuming Frame) throws(MediaError) -> Frame {
        guard frame.layout == input else { throw .wrongFrame(.otherLayout) }
        let (from, to) = (input.format.bitDepth, layout.format.bitDepth)
        guard from != to else { return frame }
        var result = try pool.frame()
        (result.index, result.presentationTime, result.duration) = (frame.index, frame.presentationTime, frame.duration)
        let shift = UInt32(to - from)
        let (largest, largestResult) = (UInt32(1) << UInt32(from) - 1, UInt32(1) << UInt32(to) - 1)
        let isFull = range == .full
        func deep(_ code: UInt32) -> UInt16 {
            UInt16(truncatingIfNeeded: isFull ? (code * largestResult + largest / 2) / largest : code << shift)
        }
        for plane in 0..<input.format.planeCount {
            let size = input.planeSize(plane)
            frame.withPlane(plane) { source, stride in
                source.withUnsafeBytes { source in
                    result.withWritablePlane(plane) { target, targetStride in
                        target.withUnsafeMutableBytes { target in
                            for row in 0..<size.height {
                                let line = target.baseAddress.map { ($0 + row * targetStride).assumingMemoryBound(to: UInt16.self) }
                                guard let line, let start = source.baseAddress else { return }
                                if from == 8 {
                                    let samples = (start + row * stride).assumingMemoryBound(to: UInt8.self)
                                    for x in 0..<size.width { line[x] = deep(UInt32(samples[x])) }
                                } else {
                                    let samples = (start + row * stride).assumingMemoryBound(to: UInt16.self)
                                    for x in 0..<size.width { line[x] = deep(UInt32(samples[x])) }
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
