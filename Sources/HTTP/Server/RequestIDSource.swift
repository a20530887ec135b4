import CCurl
import CSocketEvents
import FoundationEssentials
import Glibc
import Primitives

/// Random request ids (UUID version 4, RFC 9562 §5.4), many from one call to the kernel.
///
/// `UUID()` opens and reads a device each time, which was a quarter of the cost of a small request.
struct RequestIDSource {
    private static let batch = 64

    private var words = [UInt64](repeating: 0, count: 2 * batch)
    private var used = 2 * batch

    mutating func next() -> ID<HTTPRequest> {
        if used == words.count { refill() }
        var high = words[used]
        var low = words[used + 1]
        used += 2
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { raw in
            raw.storeBytes(of: high.bigEndian, as: UInt64.self)
            raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return ID(UUID(uuid: bytes))
    }

    private mutating func refill() {
        words.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { arc4random_buf(start, bytes.count) }
        }
        used = 0
    }
}
