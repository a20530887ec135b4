import Filters
import Media
import Picture

/// Copies a decoded frame, turned upright, into the layout that a processor takes.
enum FrameUpload {
    /// - Parameters:
    ///   - layouts: of the upright picture, one for each plane.
    ///   - turns: clockwise quarter turns.
    ///   - mirrored: whether left and right are exchanged before the turn.
    static func copy(
        _ frame: borrowing Frame, layouts: [PlaneLayout], turns: Int, mirrored: Bool, into bytes: UnsafeMutableRawBufferPointer
    ) {
        for (plane, layout) in layouts.enumerated() {
            let rows = UnsafeMutableRawBufferPointer(
                rebasing: bytes[layout.offset..<layout.offset + layout.bytesPerRow * layout.height])
            guard turns % 4 != 0 || mirrored else {
                frame.copyPlane(plane, into: rows, bytesPerRow: layout.bytesPerRow)
                continue
            }
            let stored = frame.layout.planeSize(plane)
            let sampleBytes = frame.layout.format.bytesPerSample
            frame.withPlane(plane) { span, stride in
                span.withUnsafeBytes { source in
                    QuarterTurn.copy(
                        source, sourceStride: stride, width: stored.width, height: stored.height, sampleBytes: sampleBytes, turns: turns,
                        mirrored: mirrored,
                        into: rows, destinationStride: layout.bytesPerRow)
                }
            }
        }
    }
}
