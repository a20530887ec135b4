import ColorScience
package import Picture
package import Primitives

/// Everything that says how the planes of a picture are to be read.
package struct PictureFormat: Hashable, Sendable, Codable {
    package var size: PictureSize
    package var pixels: PixelFormat
    /// Complete where a program uses them.
    package var tags: ColorTags
    package var sampleAspectRatio: Rational

    package init(size: PictureSize, pixels: PixelFormat, tags: ColorTags, sampleAspectRatio: Rational = Rational(1, 1)) {
        self.size = size
        self.pixels = pixels
        self.tags = tags
        self.sampleAspectRatio = sampleAspectRatio
    }

    package init(
        width: Int, height: Int, pixels: PixelFormat, tags: ColorTags, sampleAspectRatio: Rational = Rational(1, 1)
    ) {
        self.init(size: PictureSize(width: width, height: height), pixels: pixels, tags: tags, sampleAspectRatio: sampleAspectRatio)
    }

    /// Sizes of the planes.
    package var layout: FrameLayout { FrameLayout(size: size, format: pixels) }

    /// Where the color planes lie in the bytes that are exchanged with a processor; alpha is not among them.
    package var planeLayouts: [PlaneLayout] {
        var offset = 0
        return (0..<pixels.colorPlaneCount).map { plane in
            let size = layout.planeSize(plane)
            let result = PlaneLayout(
                size: size, bytesPerSample: pixels.bytesPerSample,
                bytesPerRow: (size.width * pixels.bytesPerSample + 3) / 4 * 4, offset: offset)
            offset = (offset + result.byteCount + 255) / 256 * 256
            return result
        }
    }

    /// Bytes of all color planes in that layout.
    package var byteCount: Int { planeLayouts.last.map { $0.offset + $0.byteCount } ?? 0 }

    /// How plane `plane` lies on the luma columns. Wider steps than 2 are co-sited, as in DV.
    package func columns(_ plane: Int) -> PlaneGrid {
        guard pixels.isChroma(plane) else { return .full }
        return PlaneGrid(shift: pixels.subsampling.horizontalShift, offset: tags.siting.horizontalOffset)
    }

    /// How plane `plane` lies on the luma rows. 4:2:2 has no vertical siting.
    package func rows(_ plane: Int) -> PlaneGrid {
        guard pixels.isChroma(plane) else { return .full }
        return PlaneGrid(shift: pixels.subsampling.verticalShift, offset: tags.siting.verticalOffset)
    }
}

extension PlaneGrid {
    /// - Parameter offset: siting in luma samples for a step of 2, a multiple of one half.
    fileprivate init(shift: Int, offset: Double?) {
        let halves = shift == 1 ? Int64((offset ?? 0) * 2) : 0
        self.init(pitch: 1 << shift, offset: Rational(halves, 2))
    }
}

/// Place of one plane in a block of bytes: rows follow each other, each padded to a whole number of 32-bit words.
package struct PlaneLayout: Hashable, Sendable, Codable {
    /// In samples.
    package let size: PictureSize
    /// 1 for 8 bit, else 2.
    package let bytesPerSample: Int
    package let bytesPerRow: Int
    /// From the start of the block; a multiple of 256.
    package let offset: Int

    package var width: Int { size.width }
    package var height: Int { size.height }
    package var byteCount: Int { bytesPerRow * size.height }
}

/// A window of a picture, in luma samples.
package struct PixelRect: Hashable, Sendable, Codable {
    package let x: Int
    package let y: Int
    package let size: PictureSize

    package init(x: Int, y: Int, size: PictureSize) {
        self.x = x
        self.y = y
        self.size = size
    }
}
