package import FoundationEssentials
package import Primitives

/// One field of one row, lent while its row is read.
package struct Column: ~Copyable {
    /// The value in binary wire format; nil for null.
    let bytes: UnsafeRawBufferPointer?
    /// Object identifier of the type.
    let type: UInt32
    /// Position in the row, from 0.
    let index: Int

    func problem(_ expected: String, _ problem: String) -> PostgresError {
        .column(index: index, expected: expected, problem: problem)
    }

    /// The bytes of a value that may not be null.
    func value(_ expected: String) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let bytes else { throw problem(expected, "is null") }
        return bytes
    }

    /// The bytes of a value of exactly `count` bytes.
    func value(_ expected: String, count: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        let bytes = try value(expected)
        guard bytes.count == count else { throw problem(expected, "has \(bytes.count) bytes, type \(type)") }
        return bytes
    }
}

/// A value that can be read from a column. String-backed enums conform by declaring it.
package protocol ColumnDecodable: Sendable {
    static func decode(_ column: borrowing Column) throws(PostgresError) -> Self
}

extension UnsafeRawBufferPointer {
    func bigEndian<Value: FixedWidthInteger>(at offset: Int = 0, as: Value.Type = Value.self) -> Value {
        Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}

extension Bool: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Bool {
        guard column.type == TypeID.bool else { throw column.problem("bool", "has type \(column.type)") }
        return try column.value("bool", count: 1)[0] != 0
    }
}

/// Any of `smallint`, `integer` and `bigint`.
extension Int64: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Int64 {
        let bytes = try column.value("integer")
        switch column.type {
        case 20 where bytes.count == 8: return bytes.bigEndian()
        case 23 where bytes.count == 4: return Int64(bytes.bigEndian(as: Int32.self))
        case 21 where bytes.count == 2: return Int64(bytes.bigEndian(as: Int16.self))
        default: throw column.problem("integer", "has \(bytes.count) bytes, type \(column.type)")
        }
    }
}

extension Int: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Int { Int(try Int64.decode(column)) }
}

extension Int32: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Int32 {
        let value = try Int64.decode(column)
        guard let narrow = Int32(exactly: value) else { throw column.problem("32-bit integer", "is \(value)") }
        return narrow
    }
}

extension UInt32: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> UInt32 {
        let value = try Int64.decode(column)
        guard let narrow = UInt32(exactly: value) else { throw column.problem("unsigned 32-bit integer", "is \(value)") }
        return narrow
    }
}

extension Double: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Double {
        guard column.type == TypeID.float8 else { throw column.problem("float8", "has type \(column.type)") }
        return Double(bitPattern: try column.value("float8", count: 8).bigEndian())
    }
}

/// `text`, `varchar`, `name`, enumerations, and JSON documents as they stand.
extension String: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> String {
        var bytes = try column.value("text")
        if column.type == TypeID.jsonb {
            // The binary form of jsonb is a version byte, 1, and the text.
            guard bytes.first == 1 else { throw column.problem("jsonb", "has an unknown version") }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONDocument: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> JSONDocument {
        JSONDocument(try String.decode(column))
    }
}

extension Bytea: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Bytea {
        guard column.type == TypeID.bytea else { throw column.problem("bytea", "has type \(column.type)") }
        return Bytea(Array(try column.value("bytea")))
    }
}

extension UUID: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> UUID {
        guard column.type == TypeID.uuid else { throw column.problem("uuid", "has type \(column.type)") }
        return UUID(uuid: try column.value("uuid", count: 16).loadUnaligned(as: uuid_t.self))
    }
}

extension ID: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> ID { ID(try UUID.decode(column)) }
}

extension ObjectKey: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> ObjectKey {
        let text = try String.decode(column)
        guard let key = ObjectKey(text) else { throw column.problem("object key", "is '\(text)'") }
        return key
    }
}

extension Date: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Date {
        guard column.type == TypeID.timestamptz else { throw column.problem("timestamptz", "has type \(column.type)") }
        return Date(databaseMicroseconds: try column.value("timestamptz", count: 8).bigEndian())
    }
}

extension Optional: ColumnDecodable where Wrapped: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Wrapped? {
        column.bytes == nil ? nil : try Wrapped.decode(column)
    }
}

extension Array: ColumnDecodable where Element: ColumnDecodable {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> [Element] {
        let bytes = try column.value("array")
        guard bytes.count >= 12 else { throw column.problem("array", "has \(bytes.count) bytes") }
        let dimensions = bytes.bigEndian(as: Int32.self)
        if dimensions == 0 { return [] }
        guard dimensions == 1, bytes.count >= 20 else { throw column.problem("array", "has \(dimensions) dimensions") }
        let type = bytes.bigEndian(at: 8, as: UInt32.self)
        let count = Int(bytes.bigEndian(at: 12, as: Int32.self))
        var offset = 20
        var elements: [Element] = []
        elements.reserveCapacity(Swift.min(count, bytes.count / 4))
        for _ in 0..<count {
            guard offset + 4 <= bytes.count else { throw column.problem("array", "ends early") }
            let length = Int(bytes.bigEndian(at: offset, as: Int32.self))
            offset += 4
            guard length <= bytes.count - offset else { throw column.problem("array", "ends early") }
            let value = length < 0 ? nil : UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
            elements.append(try Element.decode(Column(bytes: value, type: type, index: column.index)))
            offset += Swift.max(length, 0)
        }
        return elements
    }
}

extension ColumnDecodable where Self: RawRepresentable, RawValue == String {
    package static func decode(_ column: borrowing Column) throws(PostgresError) -> Self {
        let text = try String.decode(column)
        guard let value = Self(rawValue: text) else { throw column.problem("\(Self.self)", "is '\(text)'") }
        return value
    }
}
