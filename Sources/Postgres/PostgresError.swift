/// Why a database operation did not happen.
package enum PostgresError: Error, Equatable, Sendable {
    /// The server refused a statement.
    case server(ServerError)
    /// No connection could be made within the time allowed; the text is libpq's.
    case unavailable(String)
    /// The connection broke while a statement was under way; outside a transaction it may or may not have taken effect.
    case connectionLost(String)
    /// The connection broke while COMMIT was under way: the transaction is either wholly done or wholly undone.
    case commitUnknown(String)
    /// Every connection of the pool stayed busy for this long.
    case timedOut(waitedFor: Duration)
    /// The pool has been closed.
    case closed
    /// A connection URL or parameter is not understood.
    case invalidConfiguration(String)
    /// The bind at `index`, counted from 1, cannot be sent.
    case bind(index: Int, problem: String)
    /// The column at `index`, counted from 0, does not hold what the caller reads.
    case column(index: Int, expected: String, problem: String)
    /// A statement gave another number of rows than its caller relies on.
    case rowCount(expected: String, actual: Int)

    /// The SQLSTATE of a refused statement; nil for every other failure.
    package var sqlState: SQLState? {
        if case .server(let error) = self { error.sqlState } else { nil }
    }

    /// The violated constraint of a refused statement, where the server names one.
    package var constraint: String? {
        if case .server(let error) = self { error.constraint } else { nil }
    }

    /// Whether the connection is of no further use.
    var endsConnection: Bool {
        switch self {
        case .connectionLost, .commitUnknown, .unavailable: true
        case .server(let error): error.sqlState.endsSession
        case .timedOut, .closed, .invalidConfiguration, .bind, .column, .rowCount: false
        }
    }

    /// Whether the same transaction may simply be tried again: nothing of it took effect, and the cause passes.
    package var allowsRetry: Bool {
        switch self {
        case .connectionLost: true
        case .server(let error): error.sqlState.allowsRetry || error.sqlState.endsSession
        case .commitUnknown, .unavailable, .timedOut, .closed, .invalidConfiguration, .bind, .column, .rowCount: false
        }
    }

    /// Whether the database takes no changes at present: its disk is full, or it is a standby, as after a failover.
    package var refusesChanges: Bool { sqlState == .diskFull || sqlState == .readOnlyTransaction }

    /// Whether the same call may do better a little later. What was under way when it failed may have taken effect.
    package var isPassing: Bool {
        switch self {
        case .unavailable, .connectionLost, .commitUnknown, .timedOut: true
        case .server(let error): error.sqlState.isPassing
        case .closed, .invalidConfiguration, .bind, .column, .rowCount: false
        }
    }
}

/// An error report of the server, by its fields (PostgreSQL protocol, "Error and Notice Message Fields").
package struct ServerError: Error, Equatable, Sendable {
    package let sqlState: SQLState
    package let message: String
    package let detail: String?
    package let hint: String?
    package let table: String?
    package let column: String?
    package let constraint: String?
}
