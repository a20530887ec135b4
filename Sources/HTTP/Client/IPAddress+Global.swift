extension IPAddress {
    /// Whether the address can be that of a host on the public Internet, by the IANA special-purpose registries (RFC 6890)
    /// and without the prefixes through which IPv6 reaches IPv4 (mapped, NAT64, 6to4, Teredo).
    package var isGlobalUnicast: Bool {
        if isIPv4 { return !Self.special4.contains { $0.contains(self) } }
        // Global unicast is 2000::/3 (RFC 4291 §2.4); all else is mapped, NAT64, unique-local, link-local, multicast or unassigned.
        return Self.global6.contains(self) && !Self.special6.contains { $0.contains(self) }
    }

    private static func four(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ length: Int) -> AddressBlock {
        AddressBlock(bytes: [a, b, c, 0], length: length)
    }
    private static func six(_ a: UInt16, _ b: UInt16, _ length: Int) -> AddressBlock {
        AddressBlock(
            bytes: [UInt8(a >> 8), UInt8(a & 0xFF), UInt8(b >> 8), UInt8(b & 0xFF)] + [UInt8](repeating: 0, count: 12), length: length)
    }

    private static let special4: [AddressBlock] = [
        four(0, 0, 0, 8),  // this network
        four(10, 0, 0, 8), four(172, 16, 0, 12), four(192, 168, 0, 16),  // private, RFC 1918
        four(100, 64, 0, 10),  // shared, RFC 6598
        four(127, 0, 0, 8),  // loopback
        four(169, 254, 0, 16),  // link-local: cloud metadata lives here
        four(192, 0, 0, 24),  // protocol assignments
        four(192, 0, 2, 24), four(198, 51, 100, 24), four(203, 0, 113, 24),  // documentation
        four(192, 88, 99, 24),  // 6to4 relays
        four(198, 18, 0, 15),  // benchmarking
        four(224, 0, 0, 4),  // multicast
        four(240, 0, 0, 4),  // reserved, broadcast
    ]
    private static let global6 = six(0x2000, 0, 3)
    private static let special6: [AddressBlock] = [
        six(0x2001, 0, 23),  // protocol assignments: Teredo, benchmarking, ORCHID
        six(0x2001, 0x0DB8, 32), six(0x3FFF, 0, 20),  // documentation
        six(0x2002, 0, 16),  // 6to4
        six(0x3FFE, 0, 16),  // returned 6bone
    ]
}
