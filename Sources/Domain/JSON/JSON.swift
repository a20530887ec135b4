package import Primitives

/// A JSON value (RFC 8259). Members of objects keep their order; integers that fit 64 bits stay exact.
package enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// Always finite.
    case number(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
    /// The text of a value, taken for well-formed and written without its spaces: a stored document on its way into an answer,
    /// which nobody looks into. Never made by parsing.
    case verbatim(String)

    /// An object of these members; those without a value are left out, as the contract's clients expect of nulls.
    package static func members(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        var object = JSONObject(capacity: members.count)
        for (name, value) in members { if let value { object.append(name, value) } }
        return .object(object)
    }

    /// What the value is, in the words of an error message.
    package var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        case .verbatim: "a document"
        }
    }

    /// The member of that name; nil when this is no object or has none.
    package subscript(_ name: String) -> JSON? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The text of a string; nil for every other kind.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

/// The members of a JSON object in their order; names are unique.
package struct JSONObject: Hashable, Sendable, Sequence {
    private struct Member: Hashable {
        let name: String
        var value: JSON
    }

    private var members: [Member] = []

    package init() {}

    /// An empty object with room for so many members.
    init(capacity: Int) { members.reserveCapacity(capacity) }

    package var names: [String] { members.map(\.name) }

    /// Adds a member of a name that is not there yet.
    mutating func append(_ name: String, _ value: JSON) {
        assert(index(of: name) == nil, "the member is there already")
        members.append(Member(name: name, value: value))
    }

    private func index(of name: String) -> Int? { members.firstIndex { $0.name == name } }

    /// Later members replace earlier ones of the same name.
    package init(_ members: some Sequence<(String, JSON)>) {
        for (name, value) in members { self[name] = value }
    }

    /// Objects of this product are small: a scan beats hashing.
    package subscript(_ name: String) -> JSON? {
        get { index(of: name).map { members[$0].value } }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    package var count: Int { members.count }

    package func makeIterator() -> some IteratorProtocol<(String, JSON)> {
        members.lazy.map { ($0.name, $0.value) }.makeIterator()
    }
}

/// A value with a JSON form in the contract's names.
package protocol JSONRepresentable {
    /// The value as it appears in requests and answers.
    var json: JSON { get }
}

extension ID: JSONRepresentable {
    package var json: JSON { .string(description) }
}
