import Domain
import Foundation
import HTTP

/// The served OpenAPI document as a judge of answers: documented statuses, and bodies by their schemas.
struct Description {
    let document: JSON

    /// A way in which an answer differs from the document.
    struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// The described operation that a request below `/api` is for; literal paths win over parameters.
    func operation(_ method: String, _ path: String) -> (path: String, json: JSON)? {
        guard case .object(let paths)? = document["paths"] else { return nil }
        let segments = path.split(separator: "/").map(String.init)
        let matching = paths.filter { template, _ in
            let steps = template.split(separator: "/").map(String.init)
            return steps.count == segments.count && zip(steps, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        let best = matching.min { Self.parameterCount($0.0) < Self.parameterCount($1.0) }
        return best.flatMap { template, methods in methods[method.lowercased()].map { (template, $0) } }
    }

    private static func parameterCount(_ template: String) -> Int { template.count { $0 == "{" } }

    /// Throws the first violation.
    func check(_ operation: JSON, status: Int, contentType: String?, body: [UInt8]) throws {
        guard let answer = operation["responses"]?["\(status)"].map(resolved) else {
            throw Violation(description: "\(status) is not documented")
        }
        guard case .object(let content)? = answer["content"] else {
            guard body.isEmpty else { throw Violation(description: "\(status) has a body") }
            return
        }
        let type = contentType.map { String($0.prefix { $0 != ";" }) } ?? ""
        guard let media = content["*/*"] ?? content[type] else {
            throw Violation(description: "\(status) is '\(type)' instead of \(content.names)")
        }
        guard let schema = media["schema"] else { return }
        try check(try JSON(parsing: body), schema, "\(status)")
    }

    // MARK: Schemas

    private func resolved(_ value: JSON) -> JSON {
        guard let path = value["$ref"]?.text else { return value }
        return path.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private func check(_ value: JSON, _ schema: JSON, _ path: String) throws {
        let schema = resolved(schema)
        if let variants = schema["oneOf"]?.items ?? schema["anyOf"]?.items {
            let matching = variants.count { (try? check(value, $0, path)) != nil }
            guard matching == 1 || (matching > 1 && schema["anyOf"] != nil) else {
                throw Violation(description: "\(path): \(value) fits \(matching) of the variants")
            }
            return
        }
        if let constant = schema["const"], constant != value { throw Violation(description: "\(path): \(value) is not \(constant)") }
        if let allowed = schema["enum"]?.items, !allowed.contains(value) {
            throw Violation(description: "\(path): \(value) is none of \(allowed)")
        }
        let types = schema["type"]?.text.map { [$0] } ?? schema["type"]?.items?.compactMap(\.text) ?? []
        guard types.isEmpty || types.contains(where: { Self.isOf($0, value) }) else {
            throw Violation(description: "\(path): \(value) is not of type \(types)")
        }
        switch value {
        case .object(let members): try check(members, schema, path)
        case .array(let items):
            if let item = schema["items"] {
                for (index, element) in items.enumerated() { try check(element, item, "\(path)[\(index)]") }
            }
        case .string(let text):
            if let least = schema["minLength"]?.integer, text.unicodeScalars.count < least {
                throw Violation(description: "\(path) is too short")
            }
            if let most = schema["maxLength"]?.integer, text.unicodeScalars.count > most {
                throw Violation(description: "\(path) is too long")
            }
        case .integer, .number:
            if let least = schema["minimum"]?.number, let number = value.number, number < least {
                throw Violation(description: "\(path): \(number) is too small")
            }
            if let most = schema["maximum"]?.number, let number = value.number, number > most {
                throw Violation(description: "\(path): \(number) is too large")
            }
        case .null, .boolean, .verbatim: break
        }
    }

    private func check(_ members: JSONObject, _ schema: JSON, _ path: String) throws {
        for case let name? in (schema["required"]?.items ?? []).map(\.text) where members[name] == nil {
            throw Violation(description: "\(path): \(name) is missing")
        }
        for (name, member) in members {
            if let property = schema["properties"]?[name] {
                try check(member, property, "\(path).\(name)")
            } else if schema["properties"] != nil {
                // Stricter than the document: an answer has no member that nobody described.
                throw Violation(description: "\(path): \(name) is not described")
            }
        }
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .integer), ("number", .number),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }
}
