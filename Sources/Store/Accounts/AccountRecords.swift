package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A user, without the password.
package struct UserRecord: Hashable, RowDecodable {
    package let id: ID<User>
    package let createdAt: Date
    package let updatedAt: Date
    package let email: String
    package let name: String
    package let hasConfirmedEmail: Bool

    static let columns: SQL = "u.id, u.created_at, u.updated_at, u.email, u.name, u.has_confirmed_email"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        email = try row.next()
        name = try row.next()
        hasConfirmedEmail = try row.next()
    }
}

/// A team.
package struct TeamRecord: Hashable, RowDecodable {
    package let id: ID<Team>
    package let createdAt: Date
    package let updatedAt: Date
    package let name: String
    package let apiEnabled: Bool
    package let billingType: BillingType

    static let columns: SQL = "t.id, t.created_at, t.updated_at, t.name, t.api_enabled, t.billing_type"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        name = try row.next()
        apiEnabled = try row.next()
        billingType = try row.next()
    }
}

/// A project.
package struct ProjectRecord: Hashable, RowDecodable {
    package let id: ID<Project>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let name: String
    package let isSample: Bool

    static let columns: SQL = "p.id, p.created_at, p.updated_at, p.team_id, p.name, p.is_sample"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        name = try row.next()
        isSample = try row.next()
    }
}

/// An API key, without the key.
package struct APIKeyRecord: Hashable, RowDecodable {
    package let id: ID<APIKey>
    package let createdAt: Date
    package let updatedAt: Date
    package let user: ID<User>
    package let name: String
    package let description: String?
    /// The key masked but for its end.
    package let hidden: String
    package let isActive: Bool
    package let lastUsedAt: Date?
    /// From then on the key may be deleted for not being used.
    package let deletionEligibleAt: Date?

    static let columns: SQL = """
        k.id, k.created_at, k.updated_at, k.user_id, k.name, k.description, k.hidden, k.is_active, k.last_used_at, \
        k.deletion_eligible_at
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        user = try row.next()
        name = try row.next()
        description = try row.next()
        hidden = try row.next()
        isActive = try row.next()
        lastUsedAt = try row.next()
        deletionEligibleAt = try row.next()
    }
}
