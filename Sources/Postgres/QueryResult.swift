import CPostgres

/// Unique owner of one `PGresult`.
struct QueryResult: ~Copyable {
    private let raw: OpaquePointer

    init(owning raw: OpaquePointer) { self.raw = raw }
    deinit { PQclear(raw) }

    var rowCount: Int { Int(PQntuples(raw)) }
    var columnCount: Int { Int(PQnfields(raw)) }

    /// Rows that the statement inserted, changed, deleted or returned.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// The command that was carried out, such as `COMMIT` or `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(raw)) }

    /// Calls `body` with each row from the first.
    func forEach(_ body: (inout Row) throws(PostgresError) -> Void) throws(PostgresError) {
        let width = PQnfields(raw)
        for index in 0..<PQntuples(raw) {
            var row = Row(result: raw, row: index, width: width)
            try body(&row)
        }
    }

    /// The refusal this result reports; nil when the statement was carried out.
    func failure() -> PostgresError? {
        switch PQresultStatus(raw) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE: return nil
        default: break
        }
        func field(_ code: Int32) -> String? { PQresultErrorField(raw, code).map { String(cString: $0) } }
        guard let state = field(cpostgres_diag_sqlstate()) else {
            // Reports without a code are made by libpq itself: the connection is gone, or the reply makes no sense.
            return .connectionLost(String(cString: PQresultErrorMessage(raw)).trimmedLine)
        }
        return .server(
            ServerError(
                sqlState: SQLState(rawValue: state), message: field(cpostgres_diag_message()) ?? "",
                detail: field(cpostgres_diag_detail()), hint: field(cpostgres_diag_hint()),
                table: field(cpostgres_diag_table()), column: field(cpostgres_diag_column()),
                constraint: field(cpostgres_diag_constraint())))
    }
}

extension String {
    /// The text on one line, without line breaks at its end.
    var trimmedLine: String {
        split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
