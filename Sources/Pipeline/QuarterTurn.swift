package import ColorScience
package import Picture

/// Clockwise rotation by quarter turns while a plane is copied: phones store turned pictures and a matrix that turns
/// them back.
package enum QuarterTurn {
    /// Size of a picture after `turns`.
    package static func size(_ size: PictureSize, turns: Int) -> PictureSize {
        turns % 2 == 0 ? size : PictureSize(width: size.height, height: size.width)
    }

    /// Form of the samples after `turns`: the axis on which chroma is halved turns with the picture.
    package static func format(_ format: PixelFormat, turns: Int) -> PixelFormat {
        guard turns % 2 != 0 else { return format }
        let turned: ChromaSubsampling =
            switch format.subsampling {
            case .yuv422: .yuv440
            case .yuv440: .yuv422
            case .gray, .yuv420, .yuv444, .yuv411, .yuv410: format.subsampling
            }
        return PixelFormat(model: format.model, subsampling: turned, bitDepth: format.bitDepth, hasAlpha: format.hasAlpha)
    }

    /// Where the chroma samples lie once left and right are exchanged; right has no code point and is given as `center` or
    /// `bottom`, the nearest ones.
    package static func mirrored(_ siting: ChromaSiting) -> ChromaSiting {
        switch siting {
        case .left: .center
        case .topLeft: .top
        case .bottomLeft: .bottom
        case .center, .top, .bottom, .unspecified: siting
        }
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
    ///   - mirrored: whether left and right are exchanged before the turn.
    ///   - destination: receives the turned plane, rows `destinationStride` bytes apart.
    package static func copy(
        _ source: UnsafeRawBufferPointer, sourceStride: Int, width: Int, height: Int, sampleBytes: Int, turns: Int, mirrored: Bool = false,
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
                let from = y * sourceStride + (mirrored ? width - 1 - x : x) * sampleBytes
                let to = row * destinationStride + column * sampleBytes
                for byte in 0..<sampleBytes { destination[to + byte] = source[from + byte] }
            }
        }
    }
}
