/// What callers make of a result's rows.
extension QueryResult {
    /// All rows, in order.
    func records<Record: RowDecodable>(as: Record.Type = Record.self) throws(PostgresError) -> [Record] {
        var records: [Record] = []
        records.reserveCapacity(rowCount)
        try forEach { (row) throws(PostgresError) in records.append(try Record(row: &row)) }
        return records
    }

    /// The only row; nil when there is none. Throws `.rowCount` for more.
    func first<Record: RowDecodable>(as: Record.Type = Record.self) throws(PostgresError) -> Record? {
        guard rowCount <= 1 else { throw .rowCount(expected: "at most 1", actual: rowCount) }
        var record: Record?
        try forEach { (row) throws(PostgresError) in record = try Record(row: &row) }
        return record
    }
}
