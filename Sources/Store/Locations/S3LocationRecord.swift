package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// Which way videos go between a stored location and the server.
package enum TransferDirection: String, Sendable, CaseIterable, Bindable, ColumnDecodable { case input, output }

/// A bucket that a team stores with its keys.
package struct S3LocationRecord: Hashable, RowDecodable {
    package let id: ID<S3Location>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let name: String
    package let bucket: String
    /// Both access keys, encrypted.
    package let sealedCredentials: [UInt8]

    static let columns: SQL = "l.id, l.created_at, l.updated_at, l.team_id, l.name, l.bucket, l.sealed_credentials"

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        name = try row.next()
        bucket = try row.next()
        sealedCredentials = try row.next(Bytea.self).bytes
    }
}

/// What can be said of a location.
package struct S3LocationValues: Hashable, Sendable {
    /// 1–255 characters.
    package var name: String
    /// 3–63 characters.
    package var bucket: String
    /// Both access keys, encrypted.
    package var sealedCredentials: [UInt8]

    package init(name: String, bucket: String, sealedCredentials: [UInt8]) {
        self.name = name
        self.bucket = bucket
        self.sealedCredentials = sealedCredentials
    }
}
