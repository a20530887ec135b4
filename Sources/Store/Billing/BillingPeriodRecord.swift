package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A billing period of a team: a calendar month in UTC, or what of it the team has existed.
package struct BillingPeriodRecord: Hashable, RowDecodable {
    package let id: ID<BillingPeriod>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    /// Nil for the open one.
    package let endedAt: Date?
    /// Bytes in storage times the seconds they were there, as far as measured.
    package let storageByteSeconds: Double
    /// What storage cost; nil until it is booked after the period's end.
    package let storageCost: Dollars?
    package let downloadCost: Dollars

    static let columns: SQL = """
        p.id, p.created_at, p.updated_at, p.team_id, p.ended_at, p.storage_byte_seconds::float8, p.storage_cost, p.download_cost
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        endedAt = try row.next()
        storageByteSeconds = try row.next()
        storageCost = try row.next(Int64?.self).map(Dollars.init(thousandths:))
        downloadCost = Dollars(thousandths: try row.next())
    }

    /// Gigabytes (10⁹ bytes) stored for 30 days, as far as measured.
    package var storageGigabyteMonths: Double { storageByteSeconds / 1e9 / (30 * 86_400) }

    /// What storage costs so far by a card, or was booked at.
    package func storageCost(by card: RateCard) -> Dollars {
        storageCost ?? card.charge(gigabytes: storageGigabyteMonths, at: card.storage).dollars
    }

    /// Begins the first period of a team, when the team is made.
    static func begin(_ team: ID<Team>, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("INSERT INTO billing_accounts (team_id) VALUES (\(team))")
        try transaction.execute(
            """
            INSERT INTO billing_periods (id, created_at, updated_at, team_id, storage_measured_at)
            SELECT \(ID<BillingPeriod>()), created_at, created_at, id, now() FROM teams WHERE id = \(team)
            """)
    }

    /// The open period of a team whose account is locked. Periods whose month is over are ended, and the next ones begun.
    ///
    /// - Parameter bytes: in storage; nil to sum them where a period ends.
    static func roll(_ team: ID<Team>, bytes: Int64?, in transaction: borrowing Transaction) throws(PostgresError) -> ID<BillingPeriod> {
        while true {
            let open: Open = try transaction.one(
                "SELECT id, \(monthEnd) <= now() FROM billing_periods WHERE team_id = \(team) AND ended_at IS NULL")
            guard open.isOver else { return open.id }
            let stored = if let bytes { bytes } else { try transaction.value(storedStatement(team), as: Int64.self) ?? 0 }
            try measureStorage(of: open.id, bytes: stored, until: "least(now(), \(monthEnd))", in: transaction)
            try transaction.execute(
                "UPDATE billing_periods SET ended_at = \(monthEnd), updated_at = now() WHERE id = \(open.id)")
            try transaction.execute(
                """
                INSERT INTO billing_periods (id, created_at, updated_at, team_id, storage_measured_at)
                SELECT \(ID<BillingPeriod>()), ended_at, now(), team_id, ended_at FROM billing_periods WHERE id = \(open.id)
                """)
        }
    }

    /// Adds the time since the last look, with so many bytes in storage: between two looks, an hour at most while the server runs,
    /// the amount is taken to be steady. Adds nothing when somebody else has looked meanwhile.
    static func measureStorage(
        of period: ID<BillingPeriod>, bytes: Int64, until moment: SQL, in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            UPDATE billing_periods p SET storage_measured_at = greatest(storage_measured_at, \(moment)),
                storage_byte_seconds = storage_byte_seconds + greatest(0, extract(epoch FROM \(moment) - storage_measured_at)) * \(bytes)
            WHERE id = \(period)
            """)
    }

    /// Bytes that a team has in storage.
    package static func storedStatement(_ team: ID<Team>) -> SQL {
        "SELECT coalesce(sum(file_size), 0)::bigint FROM videos WHERE team_id = \(team) AND file_key IS NOT NULL"
    }

    /// The end of the month a period began in, in UTC.
    static let monthEnd: SQL =
        "((date_trunc('month', created_at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC')"

    private struct Open: RowDecodable {
        let id: ID<BillingPeriod>
        let isOver: Bool

        init(row: inout Row) throws(PostgresError) {
            id = try row.next()
            isOver = try row.next()
        }
    }
}
