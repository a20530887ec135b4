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

    /// Where the chroma samples of a picture of even sizes lie after `turns`.
    ///
    /// Turned is the place itself, in luma samples right of and below the first one of a chroma sample's four: exchanging left
    /// and right takes (h, v) to (1 − h, v), a turn to (1 − v, h). Right of the middle (h = 1) H.273 has no code point: the nearest
    /// one is half a sample to the left, and there is no other as near. Of the axis on which chroma is not shared the place
    /// means nothing.
    ///
    /// - Parameter mirrored: whether left and right are exchanged before the turn.
    package static func siting(_ siting: ChromaSiting, turns: Int, mirrored: Bool = false) -> ChromaSiting {
        guard var across = siting.horizontalOffset, var down = siting.verticalOffset else { return siting }
        if mirrored { across = 1 - across }
        for _ in 0..<turns % 4 { (across, down) = (1 - down, across) }
        across = min(across, 0.5)
        return ChromaSiting.allCases.first { $0.horizontalOffset == across && $0.verticalOffset == down } ?? siting
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
