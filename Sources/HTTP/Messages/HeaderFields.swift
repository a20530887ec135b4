/// Header fields in the order they were given; names are compared without regard to case.
///
/// No value can end its field: CR, LF and NUL become a space on the way in (RFC 9110 §5.5).
package struct HeaderFields: Sendable, Equatable {
    /// One field line.
    package struct Field: Sendable, Equatable {
        package let name: HeaderName
        package let value: String
    }

    private(set) var fields: [Field] = []

    package init() {}

    /// The first value of the name. Setting replaces every field of that name; nil removes them.
    package subscript(name: HeaderName) -> String? {
        get {
            for field in fields where field.name == name { return field.value }
            return nil
        }
        set {
            guard let newValue else { return fields.removeAll { $0.name == name } }
            let field = Field(name: name, value: Self.harmless(newValue))
            guard let first = fields.firstIndex(where: { $0.name == name }) else { return fields.append(field) }
            fields[first] = field
            var index = fields.count - 1
            while index > first {
                if fields[index].name == name { fields.remove(at: index) }
                index -= 1
            }
        }
    }

    /// Every value of the name, in order.
    package func values(_ name: HeaderName) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    /// The members of a comma-separated list field, over all its lines, without empty members (RFC 9110 §5.6.1).
    package func list(_ name: HeaderName) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }.map { ByteClass.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// Adds a field after the others, even if the name is there already.
    package mutating func append(_ name: HeaderName, _ value: String) {
        fields.append(Field(name: name, value: Self.harmless(value)))
    }

    /// For the decoder, which has checked every byte.
    mutating func append(checked name: HeaderName, _ value: String) { fields.append(Field(name: name, value: value)) }

    private static func harmless(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else { return value }
        return String(decoding: value.utf8.map { $0 == 0x0D || $0 == 0x0A || $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (HeaderName, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}

extension HeaderFields: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { fields.count }
    package subscript(index: Int) -> Field { fields[index] }
}

extension ByteClass {
    /// Without spaces and tabs around.
    static func trimmed(_ text: some StringProtocol) -> String {
        var bytes = Substring(text).utf8
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return String(Substring(bytes))
    }
}
