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

    /// Writes into every picture header of `bytes` that the buffer is filled as it can be (6.3.9, vbv_delay 0xFFFF): a delay
    /// that one encoder counted from its own start is wrong behind another encoder's pictures.
    static func forgetDelays(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var copy = Array(bytes)
        var place = 0
        while place + 8 <= copy.count {
            guard copy[place] == 0, copy[place + 1] == 0, copy[place + 2] == 1 else {
                place += 1
                continue
            }
            // 10 bits of temporal reference and 3 of the type stand before the 16 of the delay.
            if copy[place + 3] == 0 {
                copy[place + 5] |= 0x07
                copy[place + 6] = 0xFF
                copy[place + 7] |= 0xF8
            }
            place += 4
        }
        return copy
    }
}
