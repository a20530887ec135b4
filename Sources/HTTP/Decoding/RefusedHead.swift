/// What can still be told of a request whose head was refused: enough for its sender to know which one is meant.
package struct RefusedHead: Hashable, Sendable {
    /// Nil when the line does not begin with one.
    package let method: HTTPMethod?
    /// The target before its query, as it was sent: bytes that no target holds are percent-encoded, and what goes beyond the
    /// limit is `…`. Nil when there is none.
    package let path: String?

    /// Bytes of the target that are told.
    package static let pathLimit = 256

    /// - Parameter line: a request line, or the beginning of one.
    init(requestLine line: some Collection<UInt8>) {
        let word = line.prefix { ByteClass.isTokenByte($0) }
        let rest = line[word.endIndex...]
        guard !word.isEmpty, word.count <= 32, rest.first == 0x20 else {
            (method, path) = (nil, nil)
            return
        }
        method = HTTPMethod(known: String(decoding: word, as: UTF8.self))
        path = Self.shown(rest.dropFirst())
    }

    init(method: HTTPMethod, target: RequestTarget) {
        self.method = method
        path = Self.shown(target.path.utf8)
    }

    private static func shown(_ bytes: some Collection<UInt8>) -> String? {
        let target = bytes.prefix { $0 != 0x20 && $0 != 0x0D && $0 != 0x0A && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard !target.isEmpty else { return nil }
        var text = ""
        for byte in target.prefix(pathLimit) {
            if ByteClass.isTargetByte(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return target.dropFirst(pathLimit).isEmpty ? text : text + "…"
    }
}
