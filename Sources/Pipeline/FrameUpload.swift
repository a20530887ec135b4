import Filters
import Media
import Picture

/// Copies a decoded frame, turned upright, into the layout that a processor takes.
enum FrameUpload {
    /// Whether the color planes of frames are those of `format` after so many clockwise quarter turns, to the sample.
    ///
    /// - Throws: `PipelineError.planContradiction`.
    static func check(_ frames: FrameLayout, against format: PictureFormat, turns: Int) throws(PipelineError) {
        let (given, taken) = (frames.format, format.pixels)
        let isSame =
            given.model == taken.model && given.bitDepth == taken.bitDepth
            && (0..<taken.colorPlaneCount).allSatisfy {
                QuarterTurn.size(frames.planeSize($0), turns: turns) == format.layout.planeSize($0)
            }
        guard !isSame else { return }
        let turned = turns % 4 == 0 ? "" : " turned by \(turns % 4 * 90)°"
        throw .planContradiction("pictures of \(frames.size) \(given)\(turned) meet a program for \(format.size) \(taken)")
    }

    /// - Precondition: `check` lets the frame's layout pass.
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
