import Domain
import FoundationEssentials
import HTTP
import Primitives

/// Typed reading of a request's query. Whatever is malformed, out of range, given twice or unknown becomes a problem in
/// the collector, and reading goes on.
struct QueryReader {
    private var values: [String: String] = [:]
    let problems: ProblemCollector

    /// - Parameter known: the parameters the operation has.
    init(_ request: HTTPRequest, known: [String], problems: ProblemCollector) {
        self.problems = problems
        for item in request.query {
            guard known.contains(item.name) else {
                let names = known.isEmpty ? "there are none" : "known are \(known.joined(separator: ", "))"
                problems.add(Problem(field: item.name, actual: item.value, "is not a query parameter of this operation; \(names)"))
                continue
            }
            guard values[item.name] == nil else {
                problems.add(Problem(field: item.name, actual: item.value, "is given twice"))
                continue
            }
            values[item.name] = item.value ?? ""
        }
    }

    /// A parameter as it was given; nil when absent.
    func given(_ name: String) -> String? { values[name] }

    /// A text of `length` code points; nil when absent.
    func text(_ name: String, length: ClosedRange<Int>) -> String? {
        guard let value = values[name] else { return nil }
        let count = value.unicodeScalars.count
        guard length.contains(count), !value.utf8.contains(0) else {
            problems.add(
                Problem(
                    field: name, actual: value,
                    "has \(count) characters; allowed are \(length.lowerBound) to \(length.upperBound), without NUL"))
            return nil
        }
        return value
    }

    /// A whole number: digits, and a minus before them, but no plus sign, which in a query may as well mean a space.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = Self.number(value), range.contains(number) else {
            return refuse(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A position in a video, in milliseconds; the rules of positions refuse negative ones, with a code of their own.
    func position(_ name: String) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = Self.number(value), Int32(exactly: number) != nil else {
            return refuse(name, "must be a whole number of milliseconds from 0 to \(Int32.max)")
        }
        return number
    }

    private static func number(_ text: String) -> Int? { text.utf8.first == UInt8(ascii: "+") ? nil : Int(text) }

    func boolean(_ name: String) -> Bool? {
        guard let value = values[name] else { return nil }
        switch value {
        case "true": return true
        case "false": return false
        default: return refuse(name, "must be true or false")
        }
    }

    func id<Subject>(_ name: String, of subject: Subject.Type) -> ID<Subject>? {
        guard let value = values[name] else { return nil }
        return ID<Subject>(value) ?? refuse(name, "must be a UUID")
    }

    /// One of the names of an enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, of type: Choice.Type) -> Choice? {
        guard let value = values[name] else { return nil }
        return Choice(rawValue: value) ?? refuse(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    /// A point in time as RFC 3339.
    func timestamp(_ name: String) -> Date? {
        guard let value = values[name] else { return nil }
        return Timestamp.date(value)
            ?? refuse(name, "must be a date and time as in RFC 3339, such as 2026-03-04T12:00:00.000Z, of the years 0 to 9999 in UTC")
    }

    /// A day in UTC: its beginning.
    func day(_ name: String) -> Date? {
        guard let value = values[name] else { return nil }
        return Timestamp.day(value) ?? refuse(name, "must be a date such as 2026-03-04")
    }

    private func refuse<Value>(_ name: String, _ message: String) -> Value? {
        problems.add(Problem(field: name, actual: values[name], message))
        return nil
    }
}
