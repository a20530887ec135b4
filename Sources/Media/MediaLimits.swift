import Primitives

/// Bounds on what an untrusted file may ask for.
package struct MediaLimits: Sendable, Hashable {
    /// Name of a bound.
    package enum Kind: String, Hashable, Sendable, CaseIterable { case streams, width, height, pixels, frames, chapters, milliseconds }

    /// Streams of all kinds.
    package var streams: Int
    /// Luma samples a row.
    package var width: Int
    /// Rows.
    package var height: Int
    /// Luma samples of a frame, also given to every codec.
    package var pixels: Int
    /// Frames of the video stream.
    package var frames: Int
    package var chapters: Int
    /// Length of the file, by what it announces and from its first picture to the end of its last, in milliseconds.
    package var milliseconds: Int64
    /// Bytes read to find out what streams there are.
    package var probeBytes: Int64
    /// Bytes kept of one metadata value.
    package var metadataBytes: Int

    /// 16384 × 16384 at most 67 million samples (8K and the common 8192 × 8192), 64 streams, ten million frames, 48 hours.
    package static let standard = MediaLimits(
        streams: 64, width: 16_384, height: 16_384, pixels: 8192 * 8192, frames: 10_000_000, chapters: 4096,
        milliseconds: 48 * 3_600_000, probeBytes: 32 << 20, metadataBytes: 1024)

    func require(_ kind: Kind, _ value: Int64) throws(MediaError) {
        let allowed: Int64 =
            switch kind {
            case .streams: Int64(streams)
            case .width: Int64(width)
            case .height: Int64(height)
            case .pixels: Int64(pixels)
            case .frames: Int64(frames)
            case .chapters: Int64(chapters)
            case .milliseconds: milliseconds
            }
        guard value <= allowed else { throw .limitExceeded(kind, value: value, allowed: allowed) }
    }

    /// - Parameter length: in ticks of `unit`.
    func require(length: Int64, of unit: Rational) throws(MediaError) {
        try require(.milliseconds, MediaTime(length, unit).rescaled(to: Rational(1, 1000)).value)
    }

    func require(width: Int, height: Int) throws(MediaError) {
        try require(.width, Int64(width))
        try require(.height, Int64(height))
        try require(.pixels, Int64(width) * Int64(height))
    }
}
