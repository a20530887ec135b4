/// The character classes of RFC 9110 §5.6 and RFC 3986, as tables over one byte.
enum ByteClass {
    /// `tchar`: what methods and field names are made of.
    @inline(__always)
    static func isTokenByte(_ byte: UInt8) -> Bool { contains(byte, low: tokenLow, high: tokenHigh) }

    /// `field-vchar`, space and tab: what field values are made of, obs-text included.
    @inline(__always)
    static func isFieldByte(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == 0x09 }

    /// What a request target may hold: RFC 3986 characters, `%`, and the brackets that queries commonly carry.
    @inline(__always)
    static func isTargetByte(_ byte: UInt8) -> Bool { contains(byte, low: targetLow, high: targetHigh) }

    /// A host with an optional port: registered names, IPv4, bracketed IPv6.
    @inline(__always)
    static func isHostByte(_ byte: UInt8) -> Bool { contains(byte, low: hostLow, high: hostHigh) }

    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isTokenByte) }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    @inline(__always)
    private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 128 else { return false }
        return ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }

    private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    private static let (tokenLow, tokenHigh) = table(alphanumeric + "!#$%&'*+-.^_`|~")
    private static let (targetLow, targetHigh) = table(alphanumeric + "-._~:/?[]@!$&'()*+,;=%")
    private static let (hostLow, hostHigh) = table(alphanumeric + "-._~:[]!$&'()*+,;=")

    private static func table(_ characters: String) -> (UInt64, UInt64) {
        var (low, high) = (UInt64(0), UInt64(0))
        for byte in characters.utf8 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
        return (low, high)
    }
}
