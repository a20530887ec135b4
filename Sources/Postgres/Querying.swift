/// What statements can be run on: a connection, or the transaction under way on one. All of it blocks, and therefore
/// happens on the lane of the connection.
package protocol Querying: ~Copyable {
    /// The session statements go to.
    var session: Session { get }
}

extension Querying where Self: ~Copyable {
    /// All rows, in order.
    package func query<Record: RowDecodable>(_ sql: SQL, as: Record.Type = Record.self) throws(PostgresError) -> [Record] {
        try session.run(sql).records()
    }

    /// The only row; nil when there is none. Throws `.rowCount` for more.
    package func first<Record: RowDecodable>(_ sql: SQL, as: Record.Type = Record.self) throws(PostgresError) -> Record? {
        try session.run(sql).first()
    }

    /// The only row; nil when there is none. Throws `.rowCount` for more.
    package func first<Record: RowDecodable>(_ statement: Statement, as: Record.Type = Record.self) throws(PostgresError) -> Record? {
        try session.run(statement).first()
    }

    /// The only row. Throws `.rowCount` for none or more.
    package func one<Record: RowDecodable>(_ sql: SQL, as: Record.Type = Record.self) throws(PostgresError) -> Record {
        guard let record = try first(sql, as: Record.self) else { throw .rowCount(expected: "1", actual: 0) }
        return record
    }

    /// The first column of all rows.
    package func values<Value: ColumnDecodable>(_ sql: SQL, as: Value.Type = Value.self) throws(PostgresError) -> [Value] {
        let result = try session.run(sql)
        var values: [Value] = []
        values.reserveCapacity(result.rowCount)
        try result.forEach { (row) throws(PostgresError) in values.append(try row.next()) }
        return values
    }

    /// The first column of the only row; nil when there is no row. Throws `.rowCount` for more.
    package func value<Value: ColumnDecodable>(_ sql: SQL, as: Value.Type = Value.self) throws(PostgresError) -> Value? {
        let values = try values(sql, as: Value.self)
        guard values.count <= 1 else { throw .rowCount(expected: "at most 1", actual: values.count) }
        return values.first
    }

    /// Rows inserted, changed, deleted or returned.
    @discardableResult
    package func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try session.run(sql).affectedRows
    }

    /// Runs a script of several statements without binds: migrations and test fixtures, never text from outside.
    package func run(unescapedScript script: String) throws(PostgresError) {
        try session.run(script: script)
    }

    /// A name quoted for use as an identifier with `\(unescaped:)`.
    package func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
        try session.quotedIdentifier(name)
    }

    /// Process id of the server's side of this connection.
    package var backendProcess: Int32 { session.backendProcess }
}
