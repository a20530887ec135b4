import Foundation

enum RoundTrip {
    /// What is left of a value after it went through JSON.
    static func through<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }
}
