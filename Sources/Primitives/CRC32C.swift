/// CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, as in RFC 3720 appendix B.4.
///
/// Checksums of neighbouring parts can be combined, so that parts of a file may arrive in any order.
package struct CRC32C: Hashable, Sendable {
    /// The finished checksum of everything so far; 0 for no bytes.
    package private(set) var value: UInt32

    package init(value: UInt32 = 0) { self.value = value }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        var crc = ~value
        for byte in bytes {
            crc = Self.tables[0][Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
        }
        value = ~crc
    }

    /// Eight bytes a step ("slicing by 8").
    package mutating func update(_ bytes: RawSpan) {
        let tables = Self.tables
        var crc = ~value
        var offset = 0
        let end = bytes.byteCount
        while end - offset >= 8 {
            let low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian ^ crc
            let high = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self).littleEndian
            crc =
                tables[7][Int(low & 0xFF)] ^ tables[6][Int((low >> 8) & 0xFF)]
                ^ tables[5][Int((low >> 16) & 0xFF)] ^ tables[4][Int(low >> 24)]
                ^ tables[3][Int(high & 0xFF)] ^ tables[2][Int((high >> 8) & 0xFF)]
                ^ tables[1][Int((high >> 16) & 0xFF)] ^ tables[0][Int(high >> 24)]
            offset += 8
        }
        while offset < end {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            crc = tables[0][Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
            offset += 1
        }
        value = ~crc
    }

    /// The checksum of the bytes of `self` followed by `byteCount` bytes whose checksum is `next`.
    ///
    /// Appending n zero bytes is a linear map over GF(2); its matrix is squared once per bit of n.
    package func followed(by next: CRC32C, byteCount: Int) -> CRC32C {
        guard byteCount > 0 else { return self }
        // One zero bit: a shift by one with the reflected polynomial.
        var matrix = [UInt32](repeating: 0, count: 32)
        matrix[0] = 0x82F6_3B78
        for bit in 1..<32 { matrix[bit] = 1 << UInt32(bit - 1) }
        var crc = value
        var remaining = UInt64(byteCount) * 8
        while remaining > 0 {
            if remaining & 1 == 1 { crc = Self.apply(matrix, crc) }
            matrix = matrix.map { Self.apply(matrix, $0) }
            remaining >>= 1
        }
        return CRC32C(value: crc ^ next.value)
    }

    private static func apply(_ matrix: [UInt32], _ vector: UInt32) -> UInt32 {
        var (sum, rest, row) = (UInt32(0), vector, 0)
        while rest != 0 {
            if rest & 1 == 1 { sum ^= matrix[row] }
            rest >>= 1
            row += 1
        }
        return sum
    }

    private static let tables: [[UInt32]] = {
        var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
        for index in 0..<256 {
            var crc = UInt32(index)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            tables[0][index] = crc
        }
        for slice in 1..<8 {
            for index in 0..<256 {
                let previous = tables[slice - 1][index]
                tables[slice][index] = tables[0][Int(previous & 0xFF)] ^ (previous >> 8)
            }
        }
        return tables
    }()
}
