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
    package private(set) var names: [String] = []
    private var values: [JSON] = []

    package init() {}

    /// An empty object with room for so many members.
    init(capacity: Int) {
        names.reserveCapacity(capacity)
        values.reserveCapacity(capacity)
    }

    /// Adds a member of a name that is not there yet.
    mutating func append(_ name: String, _ value: JSON) {
        assert(!names.contains(name), "the member is there already")
        names.append(name)
        values.append(value)
    }

    /// Later members replace earlier ones of the same name.
    package init(_ members: some Sequence<(String, JSON)>) {
        for (name, value) in members { self[name] = value }
    }

    /// Objects of this product are small: a scan beats hashing.
    package subscript(_ name: String) -> JSON? {
        get { names.firstIndex(of: name).map { values[$0] } }
        set {
            switch (names.firstIndex(of: name), newValue) {
            case (let index?, let value?): values[index] = value
            case (let index?, nil):
                names.remove(at: index)
                values.remove(at: index)
            case (nil, let value?):
                names.append(name)
                values.append(value)
            case (nil, nil): break
            }
        }
    }

    package var count: Int { names.count }

    package func makeIterator() -> Zip2Sequence<[String], [JSON]>.Iterator { zip(names, values).makeIterator() }
}

/// A value with a JSON form in the contract's names.
package protocol JSONRepresentable {
    /// The value as it appears in requests and answers.
    var json: JSON { get }
}

extension ID: JSONRepresentable {
    package var json: JSON { .string(description) }
}
