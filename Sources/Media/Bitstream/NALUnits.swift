/// Splits an Annex B byte stream (H.264, H.265) into its NAL units, at start codes of three or four bytes.
package struct NALUnits: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    /// - Parameter bytes: borrowed for the life of the sequence.
    package init(annexB bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = Self.afterStartCode(bytes, from: 0) ?? bytes.count
    }

    /// The range of the next unit's bytes, header first, without start code and trailing zeros; nil after the last.
    package mutating func next() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        let following = Self.afterStartCode(bytes, from: start)
        position = following ?? bytes.count
        var end = following.map { $0 - 3 } ?? bytes.count
        while end > start, bytes[end - 1] == 0 { end -= 1 }
        return start..<end
    }

    /// Index after the next 00 00 01 at or behind `from`.
    private static func afterStartCode(_ bytes: UnsafeRawBufferPointer, from: Int) -> Int? {
        var index = from
        while index + 2 < bytes.count {
            if bytes[index + 2] > 1 {
                index += 3
            } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                return index + 3
            } else {
                index += 1
            }
        }
        return nil
    }
}

/// The payload of a NAL unit without the emulation prevention bytes (H.265 7.4.2: 00 00 03 stands for 00 00).
package func rawPayload(of unit: some Sequence<UInt8>) -> [UInt8] {
    var payload: [UInt8] = []
    var zeros = 0
    for byte in unit {
        if zeros >= 2, byte == 3 {
            zeros = 0
            continue
        }
        zeros = byte == 0 ? zeros + 1 : 0
        payload.append(byte)
    }
    return payload
}
