/// One item of a query, percent-decoded; `+` stays `+`.
package struct QueryItem: Hashable, Sendable {
    package let name: String
    /// Nil for a bare name without `=`.
    package let value: String?

    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// A request target taken apart: decoded path segments and query items.
package struct RequestTarget: Hashable, Sendable {
    /// As it is logged and answered: origin form, still encoded; `*` for the asterisk form.
    package let text: String
    /// The part before `?`, still encoded.
    package let path: String
    /// Decoded one by one, so that an encoded `/` stays inside its segment. Empty for `/`; a final `/` gives a last empty segment.
    package let segments: [String]
    package let query: [QueryItem]

    /// `/`.
    static let root = RequestTarget(text: "/", path: "/", segments: [], query: [])

    private init(text: String, path: String, segments: [String], query: [QueryItem]) {
        (self.text, self.path, self.segments, self.query) = (text, path, segments, query)
    }

    /// Reads the origin form (`/path?query`) or `*`.
    ///
    /// Nil for bytes outside RFC 3986, a broken escape, an escaped NUL, text that is not UTF-8, and dot segments, encoded or
    /// not: no client sends them, and nobody below has to think of them.
    package init?(_ text: String) {
        self.text = text
        if text == "*" {
            (path, segments, query) = ("*", [], [])
            return
        }
        var text = text
        let parsed: (path: String, segments: [String], query: [QueryItem])? = text.withUTF8 { bytes in
            guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy(ByteClass.isTargetByte) else { return nil }
            let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
            guard let segments = Self.segments(bytes[1..<mark]) else { return nil }
            let path = String(decoding: bytes[..<mark], as: UTF8.self)
            guard mark + 1 < bytes.count else { return (path, segments, []) }
            guard let query = Self.query(bytes[(mark + 1)...]) else { return nil }
            return (path, segments, query)
        }
        guard let parsed else { return nil }
        (path, segments, query) = parsed
    }

    private static func segments(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [String]? {
        guard !bytes.isEmpty else { return [] }
        var segments: [String] = []
        for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = decoded(part), segment != ".", segment != ".." else { return nil }
            segments.append(segment)
        }
        return segments
    }

    private static func query(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> [QueryItem]? {
        var items: [QueryItem] = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            guard let name = decoded(part[..<(equals ?? part.endIndex)]) else { return nil }
            guard let equals else {
                items.append(QueryItem(name: name, value: nil))
                continue
            }
            guard let value = decoded(part[(equals + 1)...]) else { return nil }
            items.append(QueryItem(name: name, value: value))
        }
        return items
    }

    private static func decoded(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, let high = ByteClass.hexValue(bytes[index + 1]),
                    let low = ByteClass.hexValue(bytes[index + 2]), (high | low) != 0
                else { return nil }
                plain.append(high << 4 | low)
                index += 3
            } else {
                plain.append(byte)
                index += 1
            }
        }
        return String(validating: plain, as: UTF8.self)
    }
}
