import HTTP
import Postgres

/// Failures of the database that pass: the client is told to come back, and what may have happened meanwhile.
extension APIError {
    /// 507 for a full disk, 503 for all else that passes; nil for what a repetition would meet again.
    init?(passing error: PostgresError) {
        switch error {
        case .commitUnknown:
            self.init(
                .serviceUnavailable, code: "OUTCOME_UNKNOWN",
                """
                The connection to the database broke while the change was being committed: it may have been made. A request with an \
                Idempotency-Key can be sent again with it, and is not carried out twice; before another is repeated, look whether its \
                change is there.
                """,
                headers: [.retryAfter: Self.soon])
        case .unavailable, .timedOut, .connectionLost, .closed:
            self.init(
                .serviceUnavailable, code: "SERVICE_UNAVAILABLE", "The database cannot be reached at the moment; try again.",
                headers: [.retryAfter: Self.soon])
        case .server(let report) where report.sqlState == .diskFull:
            self.init(
                .insufficientStorage, code: "INSUFFICIENT_STORAGE",
                "The disk of the database is full; its operator must make room before the request can be carried out.",
                headers: [.retryAfter: "60"])
        case .server(let report) where report.sqlState == .readOnlyTransaction:
            self.init(
                .serviceUnavailable, code: "SERVICE_UNAVAILABLE", "The database takes no changes at the moment; try again.",
                headers: [.retryAfter: Self.soon])
        case .server where error.isPassing:
            self.init(
                .serviceUnavailable, code: "SERVICE_UNAVAILABLE", "The database could not do what was asked at the moment; try again.",
                headers: [.retryAfter: Self.soon])
        case .server, .invalidConfiguration, .bind, .column, .rowCount: return nil
        }
    }

    /// Seconds after which a request is worth sending again.
    private static let soon = "2"
}
