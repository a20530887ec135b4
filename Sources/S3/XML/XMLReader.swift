/// Reads the XML of S3's answers: elements and text, attributes skipped. Document types, and with them entities of a sender's
/// own, are refused.
struct XMLReader {
    /// Why a text is not read.
    struct Fault: Error { let reason: String }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The root element.
    static func read(_ bytes: [UInt8]) throws(Fault) -> XMLElement {
        var reader = XMLReader(bytes)
        try reader.skipMisc()
        let root = try reader.element(depth: 1)
        try reader.skipMisc()
        guard reader.position == bytes.count else { throw Fault(reason: "text follows the root element") }
        return root
    }

    // MARK: Grammar

    private mutating func element(depth: Int) throws(Fault) -> XMLElement {
        guard depth <= 32 else { throw Fault(reason: "more than 32 levels") }
        guard take("<") else { throw Fault(reason: "an element is expected") }
        var element = XMLElement(name: try name())
        if try !attributes() { return element }
        while true {
            if take("</") {
                guard try name() == element.name else { throw Fault(reason: "\(element.name) is not closed") }
                skipSpace()
                guard take(">") else { throw Fault(reason: "an end tag is not closed") }
                if !element.children.isEmpty { element.text = "" }
                return element
            } else if take("<![CDATA[") {
                element.text += String(decoding: try upTo("]]>"), as: UTF8.self)
            } else if take("<!--") {
                _ = try upTo("-->")
            } else if take("<?") {
                _ = try upTo("?>")
            } else if peek == UInt8(ascii: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                element.text += try text()
            }
        }
    }

    /// Past the attributes of a start tag; false when the element has no content.
    private mutating func attributes() throws(Fault) -> Bool {
        while let byte = peek {
            if take("/>") { return false }
            if take(">") { return true }
            position += 1
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { _ = try upTo(String(UnicodeScalar(byte))) }
        }
        throw Fault(reason: "a start tag is not closed")
    }

    private mutating func name() throws(Fault) -> String {
        let start = position
        while let byte = peek, !" \t\r\n/>=<".utf8.contains(byte) { position += 1 }
        guard position > start else { throw Fault(reason: "a name is missing") }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        return name.split(separator: ":").last.map(String.init) ?? name
    }

    private mutating func text() throws(Fault) -> String {
        let start = position
        while let byte = peek, byte != UInt8(ascii: "<") { position += 1 }
        guard position < bytes.count else { throw Fault(reason: "it ends inside an element") }
        guard let raw = String(validating: bytes[start..<position], as: UTF8.self) else { throw Fault(reason: "it is not UTF-8") }
        guard raw.contains("&") else { return raw }
        var parts = raw.split(separator: "&", omittingEmptySubsequences: false)
        var text = String(parts.removeFirst())
        for part in parts {
            guard let end = part.firstIndex(of: ";"), let character = Self.character(part[..<end]) else {
                throw Fault(reason: "an entity is not known")
            }
            text.append(character)
            text += part[part.index(after: end)...]
        }
        return text
    }

    private static func character(_ entity: Substring) -> Character? {
        switch entity {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard entity.hasPrefix("#") else { return nil }
            let digits = entity.dropFirst()
            let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return code.flatMap(UnicodeScalar.init).map(Character.init)
        }
    }

    /// Past white space, declarations and comments outside the root.
    private mutating func skipMisc() throws(Fault) {
        while true {
            skipSpace()
            if take("<?") {
                _ = try upTo("?>")
            } else if take("<!--") {
                _ = try upTo("-->")
            } else {
                return
            }
        }
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, " \t\r\n".utf8.contains(byte) { position += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    /// What stands before `end`, and past it.
    private mutating func upTo(_ end: String) throws(Fault) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            let stop = position
            if take(end) { return bytes[start..<stop] }
            position += 1
        }
        throw Fault(reason: "'\(end)' is missing")
    }
}
