/// Sizes of the planes of a frame, without padding: what a frame is, apart from who owns its bytes.
package struct FrameLayout: Hashable, Sendable, Codable {
    package let size: PictureSize
    package let format: PixelFormat

    package init(size: PictureSize, format: PixelFormat) {
        self.size = size
        self.format = format
    }

    /// Samples of a plane; where the size is odd a chroma plane has the extra column or row.
    package func planeSize(_ plane: Int) -> PictureSize {
        guard format.isChroma(plane) else { return size }
        let (x, y) = (format.subsampling.horizontalShift, format.subsampling.verticalShift)
        return PictureSize(width: (size.width + (1 << x) - 1) >> x, height: (size.height + (1 << y) - 1) >> y)
    }

    /// Bytes of one row of a plane.
    package func rowBytes(_ plane: Int) -> Int { planeSize(plane).width * format.bytesPerSample }

    /// Bytes of a plane whose rows follow each other without padding.
    package func byteCount(_ plane: Int) -> Int { rowBytes(plane) * planeSize(plane).height }

    /// Bytes of all planes without padding.
    package var byteCount: Int { (0..<format.planeCount).reduce(0) { $0 + byteCount($1) } }
}
