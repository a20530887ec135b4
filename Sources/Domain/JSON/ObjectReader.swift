package import Primitives

/// Typed reading of one JSON object's members. Whatever is missing, mistyped or out of range becomes a problem in the
/// collector, and reading goes on; members nobody asked for are problems too.
///
/// A required member that cannot be read yields an empty value, which never gets further than the collector's `check()`.
package struct ObjectReader {
    private let members: JSONObject
    private let prefix: String
    package let problems: ProblemCollector

    /// - Parameters:
    ///   - path: where the object stands, empty for the root.
    ///   - known: the names an object of this kind may have.
    package init(_ json: JSON, path: String = "", known: [String], problems: ProblemCollector) {
        self.problems = problems
        prefix = path.isEmpty ? "" : path + "."
        guard case .object(let members) = json else {
            problems.add(Problem(field: path, actual: json.shortText, "must be an object, not \(json.kind)"))
            self.members = JSONObject()
            return
        }
        self.members = members
        for name in members.names where !known.contains(name) {
            problems.add(
                Problem(
                    field: prefix + name, actual: members[name].map { Self.shown($0, as: name) },
                    "is not known here; known are \(known.joined(separator: ", "))"))
        }
    }

    /// The full path of a member.
    package func path(_ name: String) -> String { prefix + name }

    /// The value of a member; nil when it is absent or null.
    package func value(_ name: String) -> JSON? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// Notes that a member is required when it is absent or null.
    package func require(_ name: String) {
        if value(name) == nil { problems.add(Problem(field: path(name), actual: nil, "is required")) }
    }

    /// A string of `length` code points.
    package func text(_ name: String, length: ClosedRange<Int> = 0...65_536) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return mistyped(name, value, "a string") }
        // As JSON Schema and PostgreSQL count: code points, not what a reader takes for a character.
        let count = text.unicodeScalars.count
        guard length.contains(count) else {
            problems.add(
                Problem(
                    field: path(name), actual: text,
                    "has \(count) characters; allowed are \(length.lowerBound) to \(length.upperBound)"))
            return nil
        }
        return text
    }

    /// A string that must be there; empty after a problem.
    package func requiredText(_ name: String, length: ClosedRange<Int>) -> String {
        require(name)
        return text(name, length: length) ?? ""
    }

    package func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .boolean(let boolean) = value else { return mistyped(name, value, "true or false") }
        return boolean
    }

    /// A boolean that must be there; false after a problem.
    package func requiredBoolean(_ name: String) -> Bool {
        require(name)
        return boolean(name) ?? false
    }

    /// A whole number in `range`; 5.0 is one.
    package func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = value(name) else { return nil }
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        switch value {
        case .integer(let integer) where range.contains(integer): return integer
        case .number(let number):
            if let integer = Int64(exactly: number), range.contains(integer) { return integer }
            return mistyped(name, value, allowed)
        default: return mistyped(name, value, allowed)
        }
    }

    /// A whole number that must be there; the lower bound after a problem.
    package func requiredInteger(_ name: String, in range: ClosedRange<Int64>) -> Int64 {
        require(name)
        return integer(name, in: range) ?? range.lowerBound
    }

    /// A number in `range`.
    package func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(name) else { return nil }
        let number: Double
        switch value {
        case .integer(let integer): number = Double(integer)
        case .number(let exact): number = exact
        default: return mistyped(name, value, "a number")
        }
        guard range.contains(number) else {
            let bound = range.upperBound == .greatestFiniteMagnitude ? "at least" : "from"
            let upper = range.upperBound == .greatestFiniteMagnitude ? "" : " to \(JSON.number(range.upperBound))"
            return mistyped(name, value, "a number \(bound) \(JSON.number(range.lowerBound))\(upper)")
        }
        return number
    }

    /// A number that must be there; the lower bound after a problem.
    package func requiredNumber(_ name: String, in range: ClosedRange<Double>) -> Double {
        require(name)
        return number(name, in: range) ?? range.lowerBound
    }

    /// One of the names of an enumeration; an unknown one is a problem that lists them all.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Choice.Type) -> Choice? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            return mistyped(name, value, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// A UUID in its canonical text form.
    package func id<Subject>(_ name: String, of subject: Subject.Type) -> ID<Subject>? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let id = ID<Subject>(text) else { return mistyped(name, value, "a UUID") }
        return id
    }

    /// A nested object, read by `body`.
    package func object<Value>(_ name: String, known: [String], _ body: (ObjectReader) -> Value?) -> Value? {
        guard let value = value(name) else { return nil }
        let reader = ObjectReader(value, path: path(name), known: known, problems: problems)
        guard case .object = value else { return nil }
        return body(reader)
    }

    /// A list, each item read by `body` with its path; items that cannot be read are problems and left out.
    package func list<Item>(_ name: String, count: ClosedRange<Int>, _ body: (JSON, _ path: String) -> Item?) -> [Item]? {
        guard let value = value(name) else { return nil }
        guard case .array(let items) = value else { return mistyped(name, value, "a list") }
        guard count.contains(items.count) else {
            problems.add(
                Problem(
                    field: path(name), actual: "\(items.count) items",
                    "must have \(count.lowerBound) to \(count.upperBound) items"))
            return nil
        }
        return items.enumerated().compactMap { body($1, "\(path(name))[\($0)]") }
    }

    private func mistyped<Value>(_ name: String, _ value: JSON, _ allowed: String) -> Value? {
        problems.add(Problem(field: path(name), actual: Self.shown(value, as: name), "must be \(allowed)"))
        return nil
    }

    private static func shown(_ value: JSON, as name: String) -> String { JSON.isSecret(name) ? JSON.hidden : value.shortText }
}

extension JSON {
    /// The value as text for an error answer: strings bare, everything cut to 100 characters, secrets as `…`.
    package var shortText: String {
        let text = if case .string(let text) = self { text } else { withoutSecrets.description }
        return text.count <= 100 ? text : String(text.prefix(97)) + "..."
    }

    fileprivate static let hidden = "…"

    /// Whether a member of that name, well or badly spelt, holds what no answer may repeat: answers end up in logs.
    fileprivate static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["secret", "password", "accesskey", "token"].contains { name.contains($0) }
    }

    private var withoutSecrets: JSON {
        switch self {
        case .object(let members):
            .object(JSONObject(members.map { ($0, Self.isSecret($0) ? .string(Self.hidden) : $1.withoutSecrets) }))
        case .array(let items): .array(items.map(\.withoutSecrets))
        case .null, .boolean, .integer, .number, .string, .verbatim: self
        }
    }
}
