package import Primitives

/// Values of a route's `{name}` segments, percent-decoded.
package struct RouteParameters: Sendable, Hashable {
    private let names: [String]
    private let values: [String]

    package init() { (names, values) = ([], []) }

    init(names: [String], values: [String]) { (self.names, self.values) = (names, values) }

    package subscript(name: String) -> String? {
        for (index, candidate) in names.enumerated() where candidate == name && index < values.count { return values[index] }
        return nil
    }

    /// The value read as `Value`.
    ///
    /// - Throws: `InvalidPathParameter` when the text is not one, or the route has no such parameter.
    package func value<Value: PathParameter>(_ name: String, as type: Value.Type = Value.self) throws(InvalidPathParameter) -> Value {
        let text = self[name]
        guard let text, let value = Value(pathSegment: text) else {
            throw InvalidPathParameter(name: name, value: text ?? "", expected: Value.pathDescription)
        }
        return value
    }
}

/// A segment of the path that does not read as its parameter.
package struct InvalidPathParameter: Error, Hashable {
    package let name: String
    /// As received, decoded.
    package let value: String
    /// What would be right: "a UUID".
    package let expected: String

    package init(name: String, value: String, expected: String) {
        self.name = name
        self.value = value
        self.expected = expected
    }
}

/// What a `{name}` segment can be read as.
package protocol PathParameter: Sendable {
    init?(pathSegment: String)
    /// With article, for messages: "a UUID".
    static var pathDescription: String { get }
}

extension String: PathParameter {
    package init?(pathSegment: String) {
        guard !pathSegment.isEmpty else { return nil }
        self = pathSegment
    }
    package static var pathDescription: String { "text" }
}

extension Int: PathParameter {
    package init?(pathSegment: String) { self.init(pathSegment) }
    package static var pathDescription: String { "a whole number" }
}

extension ID: PathParameter {
    package init?(pathSegment: String) { self.init(pathSegment) }
    package static var pathDescription: String { "a UUID" }
}
