package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// Who made a change; raw values as in the API.
package enum AuditActor: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    /// A user of the API.
    case user = "USER"
    /// Whoever types commands at the server.
    case `operator` = "OPERATOR"
    /// The server itself, by a rule.
    case system = "SYSTEM"
}

/// One change.
package struct AuditRecord: Hashable, RowDecodable {
    package let id: ID<AuditEntry>
    package let createdAt: Date
    package let updatedAt: Date
    /// Nil for a change that concerns the user alone.
    package let team: ID<Team>?
    package let actor: AuditActor
    package let user: ID<User>?
    package let key: ID<APIKey>?
    package let request: UUID?
    package let remoteAddress: String?
    /// Method and route, or a command, or a rule.
    package let operation: String
    package let path: String?
    /// What was changed or made, as far as it is known by its id.
    package let subjects: [UUID]
    /// Of the answer; nil while the change is under way.
    package let status: Int?

    static let columns: SQL = """
        a.id, a.created_at, a.updated_at, a.team_id, a.actor, a.user_id, a.api_key_id, a.request_id, a.remote_address, a.operation, a.path,
        a.subjects, a.status
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        actor = try row.next()
        user = try row.next()
        key = try row.next()
        request = try row.next()
        remoteAddress = try row.next()
        operation = try row.next()
        path = try row.next()
        subjects = try row.next()
        status = try row.next()
    }
}

/// A change that a request asks for, before it is made.
package struct RequestedChange: Sendable {
    package var id: ID<AuditEntry> = ID()
    package var user: ID<User>
    /// Nil for a request with e-mail and password.
    package var key: ID<APIKey>?
    package var request: UUID
    package var remoteAddress: String
    /// Method and route.
    package var operation: String
    package var path: String
    /// Ids in the path.
    package var subjects: [UUID]
    /// Teams the caller may use, the one that is meant where no id tells first; empty for what concerns the user alone.
    package var teams: [ID<Team>]

    package init(
        user: ID<User>, key: ID<APIKey>?, request: UUID, remoteAddress: String, operation: String, path: String, subjects: [UUID],
        teams: [ID<Team>]
    ) {
        self.user = user
        self.key = key
        self.request = request
        self.remoteAddress = remoteAddress
        self.operation = operation
        self.path = path
        self.subjects = subjects
        self.teams = teams
    }
}
