/// Percent-encoding as Signature Version 4 wants it: everything but RFC 3986's unreserved characters, in upper-case hexadecimal.
enum URIEncoding {
    /// A name or value of a query.
    static func query(_ text: String) -> String { encoded(text, keepsSlashes: false) }

    /// A path, whose slashes stay: encoded once, as S3 alone does it.
    static func path(_ text: String) -> String { encoded(text, keepsSlashes: true) }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func encoded(_ text: String, keepsSlashes: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || (keepsSlashes && byte == UInt8(ascii: "/")) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
