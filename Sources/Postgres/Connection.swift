/// A connection, lent to one closure on its lane; statements outside a transaction take effect one by one.
package struct Connection: ~Copyable, Querying {
    package let session: Session

    init(session: Session) { self.session = session }

    /// Runs `body` between BEGIN and COMMIT; rolls back when it throws.
    ///
    /// Throws what `body` throws, `.commitUnknown` when the connection breaks during COMMIT, and the refusal of a COMMIT.
    /// A body that swallowed a failed statement does not commit: that is reported as 25P02.
    package func transaction<Value>(
        _ isolation: Isolation = .readCommitted, _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        _ = try session.run(command: isolation.begin)
        let transaction = Transaction(session: session)
        let value: Value
        do {
            value = try body(transaction)
        } catch {
            if !session.isBroken {
                do { _ = try session.run(command: "ROLLBACK") } catch let failure {
                    // The connection is then broken, and the server rolls back by itself; the cause is the error to tell.
                    assert(session.isBroken || failure.sqlState != nil)
                }
            }
            throw error
        }
        do {
            let command = try session.run(command: "COMMIT")
            guard command == "COMMIT" else { throw PostgresError.server(.failedTransaction) }
        } catch PostgresError.connectionLost(let message) {
            throw PostgresError.commitUnknown(message)
        }
        return value
    }
}

/// How far a transaction sees the work of concurrent ones (SQL isolation levels).
package enum Isolation: Sendable {
    case readCommitted, repeatableRead, serializable
    /// A consistent view for reading several things.
    case snapshot

    var begin: String {
        switch self {
        case .readCommitted: "BEGIN"
        case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
        case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        }
    }
}

/// The transaction under way on a connection, lent to one closure: everything run on it happens together or not at all.
package struct Transaction: ~Copyable, Querying {
    package let session: Session

    init(session: Session) { self.session = session }
}

extension ServerError {
    /// What a COMMIT that turned into a rollback is reported as.
    static let failedTransaction = ServerError(
        sqlState: .inFailedTransaction, message: "the transaction had failed before COMMIT, so it was rolled back", detail: nil,
        hint: nil, table: nil, column: nil, constraint: nil)
}
