import CPostgres

/// One row of a result, read column by column from the left.
package struct Row: ~Copyable {
    private let result: OpaquePointer
    private let row: Int32
    private let width: Int32
    private var column: Int32 = 0

    init(result: OpaquePointer, row: Int32, width: Int32) {
        self.result = result
        self.row = row
        self.width = width
    }

    /// The next column. Throws `.column` when there is none, or it holds something else.
    package mutating func next<Value: ColumnDecodable>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
        guard column < width else { throw .column(index: Int(column), expected: "\(Value.self)", problem: "is absent") }
        let bytes: UnsafeRawBufferPointer? =
            PQgetisnull(result, row, column) == 1
            ? nil : UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        let value = Column(bytes: bytes, type: PQftype(result, column), index: Int(column))
        column += 1
        return try Value.decode(value)
    }

    /// Whether the next column is null; reads nothing.
    package func nextIsNull() -> Bool { column < width && PQgetisnull(result, row, column) == 1 }

    /// Passes over columns without reading them.
    package mutating func skip(_ count: Int) { column += Int32(count) }
}

/// A value made from one row; reads its columns in the order of the statement.
package protocol RowDecodable: Sendable {
    init(row: inout Row) throws(PostgresError)
}
