import Domain
import Foundation
import Testing

/// The contract of both releases the server speaks, as a judge of answers: statuses and bodies.
struct Contract {
    let operations: [Operation]
    private let releases: [Release]

    struct Operation {
        let id: String
        let method: String
        let segments: [String]
        let json: JSON
        /// Releases that have it.
        let releases: Set<String>

        var path: String { "/" + segments.joined(separator: "/") }
    }

    /// A way in which an answer differs from the contract.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    static let shared = Result { try Contract() }

    private init() throws {
        let base = try Self.load("contract.json")
        let overlay = try Self.load("contract-2.0.json")
        let (first, second) = (try #require(base["apiVersion"]?.text), try #require(overlay["apiVersion"]?.text))
        let removed = Set((overlay["removed"]?["operations"]?.items ?? []).compactMap(\.text))
        let kept = try (base["operations"]?.items ?? []).map { json in
            let id = try #require(json["operationId"]?.text)
            return try Operation(json, releases: removed.contains(id) ? [first] : [first, second])
        }
        operations = try kept + (overlay["operations"]?.items ?? []).map { try Operation($0, releases: [second]) }
        guard case .object(var schemas)? = base["schemas"], case .object(let changed)? = overlay["schemas"] else {
            throw Violation(description: "no schemas")
        }
        let original = schemas
        for name in (overlay["removed"]?["schemas"]?.items ?? []).compactMap(\.text) { schemas[name] = nil }
        for (name, schema) in changed { schemas[name] = schema }
        releases = [
            Release(name: first, schemas: .object(original)),
            Release(name: second, schemas: .object(schemas)),
        ]
    }

    private static func load(_ name: String) throws -> JSON {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        return try JSON(parsing: Array(Data(contentsOf: path)))
    }

    /// The operation that a request below `/api` is for; literal paths win over parameters.
    func operation(_ method: String, _ path: String) -> Operation? {
        let segments = path.split(separator: "/").map(String.init)
        let matching = operations.filter { operation in
            operation.method == method && operation.segments.count == segments.count
                && zip(operation.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return matching.min { $0.segments.count { $0.hasPrefix("{") } < $1.segments.count { $0.hasPrefix("{") } }
    }

    /// Checks status and body against every release that has the operation; throws the first violation.
    func check(_ operation: Operation, status: Int, body: [UInt8]) throws {
        guard let responses = operation.json["responses"], case .object(let byStatus) = responses else {
            throw Violation(description: "\(operation.id) has no responses")
        }
        // A team that cannot be selected is 404 everywhere, sign-ins are limited too, and idempotency keys can be refused
        // (docs/API_DECISIONS.md), though only some operations document it.
        let isAboutKey = (try? JSON(parsing: body))?["errorCode"]?.text?.hasPrefix("IDEMPOTENCY_KEY_") == true
        let everywhere = [404, 429].contains(status) || isAboutKey ? JSON.members(["ref": .string("Error")]) : nil
        guard let schema = byStatus["\(status)"] ?? everywhere else {
            throw Violation(description: "\(operation.id) does not answer \(status); it answers \(byStatus.names)")
        }
        if schema == .null {
            guard body.isEmpty else { throw Violation(description: "\(operation.id): \(status) has a body") }
            return
        }
        let json = try JSON(parsing: body)
        // The set of error codes is open: those of the second release are sent to clients of the first too.
        if status >= 400 { return try check(json, named: "Error") }
        for release in releases where operation.releases.contains(release.name) {
            try release.check(json, schema, "\(operation.id) \(status) (\(release.name))")
        }
    }

    /// Checks a value against a named schema of the latest release.
    func check(_ value: JSON, named name: String) throws {
        try releases.last?.check(value, .members(["ref": .string(name)]), name)
    }

    /// Objects without variants of the first release, with their members and those of their parents.
    func flatShapes() throws -> [(name: String, shape: (members: [String], required: [String]))] {
        guard let release = releases.first, case .object(let byName) = release.schemas else { return [] }
        return try byName.filter { _, schema in schema["kind"]?.text != "enum" && schema["discriminator"] == nil }.map { name, schema in
            let (properties, required) = try release.shape(of: schema, .null)
            return (name, (properties.names, required))
        }
    }
}

extension Contract.Operation {
    fileprivate init(_ json: JSON, releases: Set<String>) throws {
        id = try #require(json["operationId"]?.text)
        method = try #require(json["method"]?.text)
        segments = try #require(json["path"]?.text).split(separator: "/").map(String.init)
        self.json = json
        self.releases = releases
    }
}

/// The schemas of one release.
private struct Release {
    let name: String
    let schemas: JSON

    private typealias Violation = Contract.Violation

    func check(_ value: JSON, _ type: JSON, _ path: String) throws {
        if value == .null, type["nullable"] == .boolean(true) { return }
        if let name = type["ref"]?.text {
            guard let schema = schemas[name] else { throw Violation(description: "\(path): no schema \(name)") }
            return try checkSchema(value, schema, path)
        }
        switch type["type"]?.text {
        case "array":
            guard case .array(let items) = value else { throw mismatch(value, "a list", path) }
            guard let itemType = type["items"] else { return }
            for (index, item) in items.enumerated() { try check(item, itemType, "\(path)[\(index)]") }
        case "object":
            guard case .object(let members) = value else { throw mismatch(value, "an object", path) }
            if let memberType = type["additionalProperties"] {
                for (name, member) in members { try check(member, memberType, "\(path).\(name)") }
            }
        case "any": break
        default: try checkScalar(value, type, path)
        }
    }

    private func checkSchema(_ value: JSON, _ schema: JSON, _ path: String) throws {
        switch schema["kind"]?.text {
        case "enum":
            guard let allowed = schema["enum"]?.items, allowed.contains(value) else { throw mismatch(value, "one of the enum", path) }
        default:
            guard case .object(let members) = value else { throw mismatch(value, "an object", path) }
            let (properties, required) = try shape(of: schema, value)
            for name in required where members[name] == nil { throw Violation(description: "\(path): \(name) is missing") }
            for (name, member) in members {
                // Members beyond the contract are additive; the served description has to know them, and judges them.
                if let type = properties[name] { try check(member, type, "\(path).\(name)") }
            }
        }
    }

    /// Properties and required names with those of parents and, by the discriminator, of the variant.
    func shape(of schema: JSON, _ value: JSON) throws -> (JSONObject, [String]) {
        var schema = schema
        if let discriminator = schema["discriminator"], let name = discriminator["propertyName"]?.text, let kind = value[name]?.text,
            let variant = discriminator["mapping"]?[kind]?.text, let found = schemas[variant]
        {
            schema = found
        }
        var properties = JSONObject()
        var required: [String] = []
        var current: JSON? = schema
        while let level = current {
            if case .object(let own)? = level["properties"] { for (name, type) in own { properties[name] = type } }
            required += (level["required"]?.items ?? []).compactMap(\.text)
            current = level["extends"]?.text.flatMap { schemas[$0] }
        }
        return (properties, required)
    }

    private func checkScalar(_ value: JSON, _ type: JSON, _ path: String) throws {
        switch (type["type"]?.text, value) {
        case ("string", .string(let text)):
            if let allowed = type["enum"]?.items, !allowed.contains(value) { throw mismatch(value, "one of the enum", path) }
            try checkFormat(text, type["format"]?.text, path)
            if let length = type["minLength"]?.integer, text.count < length { throw mismatch(value, "longer", path) }
            if let length = type["maxLength"]?.integer, text.count > length { throw mismatch(value, "shorter", path) }
        case ("boolean", .boolean): break
        case ("integer", .integer(let number)): try checkRange(Double(number), type, path)
        case ("number", .integer(let number)): try checkRange(Double(number), type, path)
        case ("number", .number(let number)): try checkRange(number, type, path)
        default: throw mismatch(value, type["type"]?.text ?? "something known", path)
        }
    }

    private func checkFormat(_ text: String, _ format: String?, _ path: String) throws {
        let isRight =
            switch format {
            case "uuid": text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil
            case "date-time": text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
            case "date": text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil
            case "uri": URL(string: text)?.scheme != nil
            default: true
            }
        if !isRight { throw Violation(description: "\(path): '\(text)' is no \(format ?? "")") }
    }

    private func checkRange(_ number: Double, _ type: JSON, _ path: String) throws {
        let limits: [String: ClosedRange<Double>] = ["int32": -0x8000_0000...0x7FFF_FFFF]
        let range = limits[type["format"]?.text ?? ""] ?? -Double.infinity...Double.infinity
        let minimum = type["minimum"]?.number ?? range.lowerBound
        let maximum = type["maximum"]?.number ?? range.upperBound
        guard number >= minimum, number <= maximum else { throw Violation(description: "\(path): \(number) is out of range") }
    }

    private func mismatch(_ value: JSON, _ wanted: String, _ path: String) -> Contract.Violation {
        Violation(description: "\(path): \(value) is not \(wanted)")
    }
}

extension JSON {
    var items: [JSON]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return Int(number)
    }

    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    var boolean: Bool? {
        guard case .boolean(let value) = self else { return nil }
        return value
    }
}
