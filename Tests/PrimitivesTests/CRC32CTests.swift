import Primitives
import Testing

@Suite struct CRC32CTests {
    @Test("the check value of the catalogue")
    func checkValue() {
        var crc = CRC32C()
        crc.update(Array("123456789".utf8))
        #expect(crc.value == 0xE306_9283)
    }

    @Test("RFC 3720 B.4: 32 bytes of zeros, ones, rising, falling")
    func published() {
        let vectors: [([UInt8], UInt32)] = [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C),
        ]
        for (bytes, expected) in vectors {
            var slow = CRC32C()
            slow.update(bytes)
            var fast = CRC32C()
            fast.update(bytes.span.bytes)
            #expect(slow.value == expected)
            #expect(fast.value == expected)
        }
    }

    @Test("parts combine to the whole", arguments: [0, 1, 7, 64, 1000])
    func combine(cut: Int) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        var whole = CRC32C()
        whole.update(bytes)
        var left = CRC32C()
        left.update(bytes[..<cut])
        var right = CRC32C()
        right.update(bytes[cut...])
        #expect(left.followed(by: right, byteCount: bytes.count - cut) == whole)
    }
}
