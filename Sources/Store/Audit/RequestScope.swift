import Domain
import FoundationEssentials
import Postgres
import Primitives

/// What goes into the transaction of every change that a request makes: its entry in the audit log, and the mark on its
/// idempotency key. They stand or fall with the change.
///
/// It travels with the task, so that no store needs a parameter for it; workers act for no request and carry an empty one.
package struct RequestScope: Sendable {
    @TaskLocal package static var current = RequestScope()

    package var change: RequestedChange?
    package var claim: IdempotencyStore.HeldClaim?

    package init() {}

    /// Before the change: what a deletion is about is still there to be asked for its team.
    fileprivate func begin(in transaction: borrowing Transaction) throws {
        if let claim { try IdempotencyStore.mark(claim, in: transaction) }
        if let change { try AuditStore.write(change, in: transaction) }
    }

    fileprivate func end(made: [UUID], in transaction: borrowing Transaction) throws {
        guard !made.isEmpty else { return }
        if let claim { try IdempotencyStore.note(made, of: claim, in: transaction) }
        if let change { try AuditStore.note(made, of: change, in: transaction) }
    }
}

/// What a change answers with, and whose ids belong into the log.
protocol ChangedRows {
    var changedIDs: [UUID] { get }
}

extension VideoRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension ProjectRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension APIKeyRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension ConfigurationRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension S3LocationRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension UploadRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension WebhookRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension WebhookEventRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension AppraisalRecord: ChangedRows { var changedIDs: [UUID] { [id.uuid] } }
extension [ID<Video>]: ChangedRows { var changedIDs: [UUID] { map(\.uuid) } }

extension ConnectionPool {
    /// A transaction that changes something, together with what the request it is done for wants written: nothing of it is
    /// there when `body` throws. `body` throws for what is refused; what it returns was done.
    func change<Value: Sendable>(_ body: @escaping @Sendable (borrowing Transaction) throws -> Value) async throws -> Value {
        let scope = RequestScope.current
        return try await transaction { transaction in
            try scope.begin(in: transaction)
            let value = try body(transaction)
            try scope.end(made: (value as? any ChangedRows)?.changedIDs ?? [], in: transaction)
            return value
        }
    }
}
