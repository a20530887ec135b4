import Primitives

/// The decoder's buffer of ISO/IEC 13818-2 Annex C in its form for varying rate (C.3.2): it fills at the largest rate until it
/// is full, and each picture leaves it at once, in decode order. A stream keeps the rules when no picture leaves before all
/// of it is there.
struct VideoBuffer {
    /// In bits.
    let size: Int
    /// Bits that arrive from one picture to the next.
    let share: Double
    private var filled: Double
    /// Least filling after a picture left, in bits; below 0 the picture came too late.
    private(set) var lowest: Double

    /// - Parameters:
    ///   - size: in bits; the buffer is full when the first picture leaves.
    ///   - bitrate: bits a second.
    init(size: Int, bitrate: Int, frameRate: Rational) {
        self.size = size
        share = Double(bitrate) / max(frameRate.double, 1e-6)
        (filled, lowest) = (Double(size), Double(size))
    }

    /// - Parameter bytes: of the next picture.
    mutating func remove(bytes: Int) {
        filled -= Double(bytes) * 8
        lowest = min(lowest, filled)
        filled = min(filled + share, Double(size))
    }
}
