package import ColorScience
package import Picture

/// Clockwise rotation by quarter turns while a plane is copied: phones store turned pictures and a matrix that turns
/// them back.
package enum QuarterTurn {
    /// Size of a picture after `turns`.
    package static func size(_ size: PictureSize, turns: Int) -> PictureSize {
        turns % 2 == 0 ? size : PictureSize(width: size.height, height: size.width)
    }

    /// Where the chroma samples lie after `turns`: each turn carries left to top, top to right, and so on. Right and
    /// bottom-right sitings have no H.273 code point; they exist only for pictures of odd turns of bottom sitings and
    /// are given as the nearest one, `center` or `bottom`.
    package static func siting(_ siting: ChromaSiting, turns: Int) -> ChromaSiting {
        guard turns % 4 != 0 else { return siting }
        let next: ChromaSiting =
            switch siting {
            case .left: .top
            case .topLeft: .top
            case .top: .center
            case .center: .center
            case .bottomLeft: .topLeft
            case .bottom: .left
            case .unspecified: .unspecified
            }
        return self.siting(next, turns: turns % 4 - 1)
    }

    /// Copies a plane of `width × height` samples of `sampleBytes` each, turned clockwise.
    ///
    /// - Parameters:
    ///   - source: the stored plane, rows `sourceStride` bytes apart.
    ///   - destination: receives the turned plane, rows `destinationStride` bytes apart.
    package static func copy(
        _ source: UnsafeRawBufferPointer, sourceStride: Int, width: Int, height: Int, sampleBytes: Int, turns: Int,
        into destination: UnsafeMutableRawBufferPointer, destinationStride: Int
    ) {
        let turned = size(PictureSize(width: width, height: height), turns: turns)
        for row in 0..<turned.height {
            for column in 0..<turned.width {
                let (x, y) =
                    switch turns % 4 {
                    case 1: (row, height - 1 - column)
                    case 2: (width - 1 - column, height - 1 - row)
                    case 3: (width - 1 - row, column)
                    default: (column, row)
                    }
                let from = y * sourceStride + x * sampleBytes
                let to = row * destinationStride + column * sampleBytes
                for byte in 0..<sampleBytes { destination[to + byte] = source[from + byte] }
            }
        }
    }
}
