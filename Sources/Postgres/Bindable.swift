package import FoundationEssentials
package import Primitives

/// A value that can stand in a statement as a bind. String-backed enums conform by declaring it.
package protocol Bindable: Sendable {
    /// Object identifier of the type it is sent as, also when absent; 0 lets the server infer the type.
    static var bindType: UInt32 { get }
    /// Appends the value in wire format.
    func bind(into buffer: inout BindBuffer)
}

/// A value that can stand in an array bind.
package protocol ArrayBindable: Bindable {
    /// Object identifier of the array's type and of its elements' type.
    static var arrayType: (array: UInt32, element: UInt32) { get }
    /// The binary form of one element.
    func appendElement(to bytes: inout [UInt8])
}

/// Object identifiers of built-in types, by `pg_type.dat`.
enum TypeID {
    static let inferred: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let text: UInt32 = 25
    static let float8: UInt32 = 701
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
    static let jsonb: UInt32 = 3802
}

extension FixedWidthInteger {
    /// Appends the bytes in network order.
    func appendBigEndian(to bytes: inout [UInt8]) {
        for shift in stride(from: Self.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: self >> Self(shift)))
        }
    }
}

extension Bool: Bindable {
    package static var bindType: UInt32 { TypeID.bool }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.bool, format: .binary) { $0.append(self ? 1 : 0) }
    }
}

extension Int64: Bindable {
    package static var bindType: UInt32 { TypeID.int8 }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.int8, format: .binary) { appendBigEndian(to: &$0) }
    }
}

extension Int: ArrayBindable {
    package static var bindType: UInt32 { TypeID.int8 }
    package static var arrayType: (array: UInt32, element: UInt32) { (TypeID.int8Array, TypeID.int8) }
    package func bind(into buffer: inout BindBuffer) { Int64(self).bind(into: &buffer) }
    package func appendElement(to bytes: inout [UInt8]) { Int64(self).appendBigEndian(to: &bytes) }
}

extension Int32: Bindable {
    package static var bindType: UInt32 { TypeID.int8 }
    package func bind(into buffer: inout BindBuffer) { Int64(self).bind(into: &buffer) }
}

/// Stored as `bigint`, which holds every value.
extension UInt32: Bindable {
    package static var bindType: UInt32 { TypeID.int8 }
    package func bind(into buffer: inout BindBuffer) { Int64(self).bind(into: &buffer) }
}

extension Double: Bindable {
    package static var bindType: UInt32 { TypeID.float8 }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.float8, format: .binary) { bitPattern.appendBigEndian(to: &$0) }
    }
}

/// Sent untyped, so that the same bind serves `text`, `jsonb`, `inet` and every other type with a text form.
extension String: ArrayBindable {
    package static var bindType: UInt32 { TypeID.inferred }
    package static var arrayType: (array: UInt32, element: UInt32) { (TypeID.textArray, TypeID.text) }
    package func bind(into buffer: inout BindBuffer) { buffer.append(text: self, type: TypeID.inferred) }
    package func appendElement(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension UUID: ArrayBindable {
    package static var bindType: UInt32 { TypeID.uuid }
    package static var arrayType: (array: UInt32, element: UInt32) { (TypeID.uuidArray, TypeID.uuid) }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.uuid, format: .binary) { appendElement(to: &$0) }
    }
    package func appendElement(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
    }
}

extension ID: ArrayBindable {
    package static var bindType: UInt32 { TypeID.uuid }
    package static var arrayType: (array: UInt32, element: UInt32) { (TypeID.uuidArray, TypeID.uuid) }
    package func bind(into buffer: inout BindBuffer) { uuid.bind(into: &buffer) }
    package func appendElement(to bytes: inout [UInt8]) { uuid.appendElement(to: &bytes) }
}

extension ObjectKey: Bindable {
    package static var bindType: UInt32 { TypeID.text }
    package func bind(into buffer: inout BindBuffer) { buffer.append(text: description, type: TypeID.text) }
}

/// A `timestamptz`, in whole microseconds.
extension Date: Bindable {
    package static var bindType: UInt32 { TypeID.timestamptz }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.timestamptz, format: .binary) { databaseMicroseconds.appendBigEndian(to: &$0) }
    }

    /// Seconds from 2000-01-01, PostgreSQL's epoch, to 2001-01-01, Foundation's.
    static let epochDistance = 31_622_400.0

    /// Microseconds since 2000-01-01T00:00:00Z, rounded to nearest.
    var databaseMicroseconds: Int64 {
        Int64(((timeIntervalSinceReferenceDate + Self.epochDistance) * 1e6).rounded())
    }

    init(databaseMicroseconds: Int64) {
        self.init(timeIntervalSinceReferenceDate: Double(databaseMicroseconds) / 1e6 - Self.epochDistance)
    }
}

/// A span as `float8` seconds; write `make_interval(secs => \(duration))`.
extension Duration: Bindable {
    package static var bindType: UInt32 { TypeID.float8 }
    package func bind(into buffer: inout BindBuffer) {
        (Double(components.seconds) + Double(components.attoseconds) / 1e18).bind(into: &buffer)
    }
}

/// A one-dimensional array in binary form: dimensions, null flag, element type, length, lower bound, then each element
/// after its length.
extension Array: Bindable where Element: ArrayBindable {
    package static var bindType: UInt32 { Element.arrayType.array }

    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: Element.arrayType.array, format: .binary) { bytes in
            Int32(isEmpty ? 0 : 1).appendBigEndian(to: &bytes)
            Int32(0).appendBigEndian(to: &bytes)
            Element.arrayType.element.appendBigEndian(to: &bytes)
            guard !isEmpty else { return }
            Int32(clamping: count).appendBigEndian(to: &bytes)
            Int32(1).appendBigEndian(to: &bytes)
            for element in self {
                var encoded: [UInt8] = []
                element.appendElement(to: &encoded)
                Int32(clamping: encoded.count).appendBigEndian(to: &bytes)
                bytes += encoded
            }
        }
    }
}

/// Bytes of a `bytea` bind or column.
package struct Bytea: Hashable, Bindable {
    package let bytes: [UInt8]
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package static var bindType: UInt32 { TypeID.bytea }
    package func bind(into buffer: inout BindBuffer) {
        buffer.append(type: TypeID.bytea, format: .binary) { $0.append(contentsOf: bytes) }
    }
}

/// The text of a `jsonb` bind or column.
package struct JSONDocument: Hashable, Bindable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    /// An object without members.
    package static let emptyObject = JSONDocument("{}")
    package var description: String { text }
    package static var bindType: UInt32 { TypeID.jsonb }
    package func bind(into buffer: inout BindBuffer) { buffer.append(text: text, type: TypeID.jsonb) }
}

extension Optional: Bindable where Wrapped: Bindable {
    package static var bindType: UInt32 { Wrapped.bindType }
    package func bind(into buffer: inout BindBuffer) {
        switch self {
        case .some(let value): value.bind(into: &buffer)
        case .none: buffer.appendNull(type: Wrapped.bindType)
        }
    }
}

extension Bindable where Self: RawRepresentable, RawValue == String {
    package static var bindType: UInt32 { TypeID.inferred }
    package func bind(into buffer: inout BindBuffer) { rawValue.bind(into: &buffer) }
}

extension ArrayBindable where Self: RawRepresentable, RawValue == String {
    package static var arrayType: (array: UInt32, element: UInt32) { String.arrayType }
    package func appendElement(to bytes: inout [UInt8]) { rawValue.appendElement(to: &bytes) }
}
