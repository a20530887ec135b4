/// Five-character error code of SQL, by PostgreSQL's Appendix A; codes without a name here survive unchanged.
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let foreignKeyViolation = SQLState(rawValue: "23503")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let notNullViolation = SQLState(rawValue: "23502")
    package static let serializationFailure = SQLState(rawValue: "40001")
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let adminShutdown = SQLState(rawValue: "57P01")
    package static let crashShutdown = SQLState(rawValue: "57P02")
    package static let cannotConnectNow = SQLState(rawValue: "57P03")
    package static let databaseDropped = SQLState(rawValue: "57P04")
    package static let idleInTransactionTimeout = SQLState(rawValue: "25P03")
    package static let diskFull = SQLState(rawValue: "53100")
    package static let outOfMemory = SQLState(rawValue: "53200")
    package static let tooManyConnections = SQLState(rawValue: "53300")
    package static let featureNotSupported = SQLState(rawValue: "0A000")
    package static let invalidStatementName = SQLState(rawValue: "26000")
    package static let inFailedTransaction = SQLState(rawValue: "25P02")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")

    /// The server ends the session after reporting this.
    var endsSession: Bool {
        switch self {
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .databaseDropped, .idleInTransactionTimeout: true
        default: rawValue.hasPrefix("08")
        }
    }

    /// The transaction lost against a concurrent one and would probably succeed now.
    var allowsRetry: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// The cause passes, if not at once: what had run out is there again, the server takes changes again, or a lock is free. A
    /// statement that ran too long waited for a lock, mostly.
    var isPassing: Bool {
        switch self {
        case .diskFull, .outOfMemory, .tooManyConnections, .readOnlyTransaction, .queryCanceled, .lockNotAvailable: true
        default: allowsRetry || endsSession
        }
    }

    /// A prepared statement of this text must be prepared anew.
    var invalidatesStatement: Bool { self == .featureNotSupported || self == .invalidStatementName }
}
