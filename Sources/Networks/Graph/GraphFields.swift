/// The fields of one JSON object of a graph: taken one by one, and what is left at the end is refused.
struct GraphFields {
    private var fields: [String: JSONValue]
    private let layer: String

    init(_ fields: [String: JSONValue], layer: String) {
        self.fields = fields
        self.layer = layer
    }

    /// - Throws: `invalidGraph` when a field has not been taken.
    func finish() throws(NetworkError) {
        if let unknown = fields.keys.sorted().first { throw wrong("unknown key '\(unknown)'") }
    }

    mutating func string(_ key: String) throws(NetworkError) -> String {
        guard let value = try optionalString(key) else { throw wrong("'\(key)' is missing") }
        return value
    }

    mutating func optionalString(_ key: String) throws(NetworkError) -> String? {
        guard let value = fields.removeValue(forKey: key) else { return nil }
        guard let text = value.string, !text.isEmpty else { throw wrong("'\(key)' is no text") }
        return text
    }

    mutating func strings(_ key: String) throws(NetworkError) -> [String] {
        guard let array = fields.removeValue(forKey: key)?.array else { throw wrong("'\(key)' is no list") }
        let texts = array.compactMap(\.string)
        guard texts.count == array.count else { throw wrong("'\(key)' holds what is no text") }
        return texts
    }

    mutating func objects(_ key: String) throws(NetworkError) -> [[String: JSONValue]] {
        guard let array = fields.removeValue(forKey: key)?.array else { throw wrong("'\(key)' is no list") }
        let objects = array.compactMap(\.object)
        guard objects.count == array.count else { throw wrong("'\(key)' holds what is no object") }
        return objects
    }

    mutating func object(_ key: String) throws(NetworkError) -> [String: JSONValue]? {
        guard let value = fields.removeValue(forKey: key) else { return nil }
        guard let object = value.object else { throw wrong("'\(key)' is no object") }
        return object
    }

    mutating func integer(_ key: String, in allowed: ClosedRange<Int>, default fallback: Int? = nil) throws(NetworkError) -> Int {
        guard let value = fields.removeValue(forKey: key) else {
            if let fallback { return fallback }
            throw wrong("'\(key)' is missing")
        }
        guard let integer = value.integer, allowed.contains(integer) else { throw wrong("'\(key)' is \(value); allowed \(allowed)") }
        return integer
    }

    mutating func number(_ key: String) throws(NetworkError) -> Float {
        guard let value = fields.removeValue(forKey: key)?.double, abs(value) <= 1e30 else { throw wrong("'\(key)' is no number") }
        return Float(value)
    }

    /// A list of two positive integers of at most 64.
    mutating func scale(_ key: String) throws(NetworkError) -> Scale? {
        guard let value = fields.removeValue(forKey: key) else { return nil }
        let parts = value.array?.compactMap(\.integer) ?? []
        guard parts.count == 2, parts.allSatisfy({ (1...64).contains($0) }) else {
            throw wrong("'\(key)' is \(value); allowed two integers from 1 to 64")
        }
        return Scale(parts[0], parts[1])
    }

    /// A text or a number: the slope of a prelu or lrelu.
    mutating func take(_ key: String) -> JSONValue? { fields.removeValue(forKey: key) }

    func wrong(_ detail: String) -> NetworkError { .invalidGraph(layer: layer, detail: detail) }
}
