import Filters
import Picture

/// Frames in memory whose planes can be lent.
struct PlaneClip {
    /// Memory of one plane that stays where it is.
    final class Plane {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ values: [UInt8]) {
            bytes = .allocate(byteCount: values.count, alignment: 8)
            bytes.copyBytes(from: values)
        }

        deinit { bytes.deallocate() }
    }

    let layout: FrameLayout
    let frames: [[Plane]]

    init(_ layout: FrameLayout, frames count: Int, code: (_ frame: Int, _ plane: Int, _ x: Int, _ y: Int) -> Int) {
        self.layout = layout
        frames = (0..<count).map { frame in
            (0..<layout.format.colorPlaneCount).map { plane in
                let size = layout.planeSize(plane)
                var bytes: [UInt8] = []
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        let value = UInt16(code(frame, plane, x, y))
                        bytes.append(UInt8(value & 255))
                        if layout.format.bytesPerSample == 2 { bytes.append(UInt8(value >> 8)) }
                    }
                }
                return Plane(bytes)
            }
        }
    }

    static func layout(_ width: Int, _ height: Int, _ format: PixelFormat) -> FrameLayout {
        FrameLayout(size: PictureSize(width: width, height: height), format: format)
    }

    /// A plane's samples, in order.
    func codes(_ frame: Int, _ plane: Int) -> [Int] { Self.codes([UInt8](frames[frame][plane].bytes), layout) }

    /// The planes that a filter makes of frame `place`, with those around it.
    func filtered(_ place: Int, by filter: any WindowFilter) throws -> [[Int]] {
        let results = (0..<layout.format.colorPlaneCount).map { Plane([UInt8](repeating: 0, count: layout.byteCount($0))) }
        try filter.filter(
            FrameWindow(
                number: { place + $0 },
                read: { offset, plane, body in
                    try body(
                        PlaneView(
                            bytes: UnsafeRawBufferPointer(frames[place + offset][plane].bytes), bytesPerRow: layout.rowBytes(plane)))
                }, write: { plane, body in try body(results[plane].bytes, layout.rowBytes(plane)) }))
        return results.map { Self.codes([UInt8]($0.bytes), layout) }
    }

    private static func codes(_ bytes: [UInt8], _ layout: FrameLayout) -> [Int] {
        guard layout.format.bytesPerSample == 2 else { return bytes.map(Int.init) }
        return stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8 }
    }
}

/// Repeatable normal deviates.
struct NormalNoise {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Mean 0, deviation 1, to a sum of twelve uniform ones.
    mutating func next() -> Double {
        var sum = -6.0
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Double(state >> 11) / Double(1 << 53)
        }
        return sum
    }
}
