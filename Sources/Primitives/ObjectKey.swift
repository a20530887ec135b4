/// Name of one stored object: `/`-separated parts of letters, digits, `.`, `_` and `-`, none of them `.` or `..`, so
/// that a key can never leave the store it is used in.
package struct ObjectKey: Hashable, Sendable, Codable, CustomStringConvertible {
    package let description: String

    /// Nil for an empty key, an empty part, a dot part, any other character, or more than 1024 bytes.
    package init?(_ text: String) {
        guard text.utf8.count <= 1024 else { return nil }
        // Bytes of the part so far, and how many of them are dots: keys are read with every video.
        var (count, dots) = (0, 0)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/") {
                guard count > 2 || count > dots else { return nil }
                (count, dots) = (0, 0)
            } else {
                guard Self.isAllowed(byte) else { return nil }
                count += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        guard count > 2 || count > dots else { return nil }
        description = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The key of an object below this one; `part` must itself be a valid key.
    package func appending(_ part: String) -> ObjectKey? { ObjectKey(description + "/" + part) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = ObjectKey(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an object key")
        }
        self = key
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
