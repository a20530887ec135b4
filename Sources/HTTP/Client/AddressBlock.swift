/// The addresses that begin with the same bits, as `10.0.0.0/8`.
package struct AddressBlock: Hashable, Sendable {
    /// 4 or 16 in network order.
    let bytes: [UInt8]
    /// How many bits are the same.
    let length: Int

    init(bytes: [UInt8], length: Int) {
        self.bytes = bytes
        self.length = length
    }

    /// Reads an address, or an address and a length behind a slash (RFC 4632, RFC 4291 section 2.3). Nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else {
            self.init(bytes: address.bytes, length: bits)
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]), length <= bits else { return nil }
        self.init(bytes: address.bytes, length: length)
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = length / 8
        guard address.bytes[..<whole] == bytes[..<whole] else { return false }
        guard length % 8 > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (length % 8))
        return address.bytes[whole] & mask == bytes[whole] & mask
    }
}
