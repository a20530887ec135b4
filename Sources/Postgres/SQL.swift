/// A statement whose interpolated values travel as binds, never as text.
///
/// ```swift
/// try connection.execute("UPDATE videos SET name = \(name) WHERE id = \(id)")
/// ```
/// Another `SQL` value is spliced in with its own binds; raw text must be spelled `\(unescaped: …)`.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    /// Text between the binds: always one piece more than there are binds.
    private(set) var pieces: [String]
    package private(set) var binds: BindBuffer

    package init(stringLiteral value: String) {
        pieces = [value]
        binds = BindBuffer()
    }

    package init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

    /// No text and no binds.
    package static let empty: SQL = ""

    /// `left` followed by `right`, with the binds of both.
    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    package static func += (left: inout SQL, right: SQL) { left.append(right) }

    /// The statement with its binds numbered from `$1`.
    package var text: String {
        guard pieces.count > 1 else { return pieces[0] }
        var text = ""
        text.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + 3 })
        text += pieces[0]
        for index in 1..<pieces.count {
            text += "$"
            text += String(index)
            text += pieces[index]
        }
        return text
    }

    private mutating func append(text: String) { pieces[pieces.count - 1] += text }

    private mutating func append(_ other: SQL) {
        append(text: other.pieces[0])
        pieces += other.pieces.dropFirst()
        binds.append(other.binds)
    }

    /// Collects text and binds of a literal.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL = ""

        package init(literalCapacity: Int, interpolationCount: Int) { sql.pieces.reserveCapacity(interpolationCount + 1) }

        package mutating func appendLiteral(_ literal: String) { sql.append(text: literal) }

        /// One bind.
        package mutating func appendInterpolation(_ value: some Bindable) {
            value.bind(into: &sql.binds)
            sql.pieces.append("")
        }

        /// One bind that may be null.
        package mutating func appendInterpolation<Value: Bindable>(_ value: Value?) {
            value.bind(into: &sql.binds)
            sql.pieces.append("")
        }

        /// A bind of a `StatementTemplate`, whose value is given later.
        package mutating func appendInterpolation<Value: Bindable>(_: Value.Type) {
            sql.binds.appendNull(type: Value.bindType)
            sql.pieces.append("")
        }

        /// A fragment with its own binds.
        package mutating func appendInterpolation(_ fragment: SQL) { sql.append(fragment) }

        /// Text that becomes part of the statement as it stands: only ever from the program itself.
        package mutating func appendInterpolation(unescaped text: String) { sql.append(text: text) }
    }
}
