package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// Billing periods and the lines of the books, of teams.
package struct BillingStore: Sendable {
    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Where a team stands.
    package struct Standing: Hashable, RowDecodable {
        package let billingType: BillingType
        package let processingBalance: Dollars
        package let utilitiesBalance: Dollars
        /// Spent on processing since the team exists, less refunds.
        package let processingSpend: Dollars
        /// Processed in the last 30 days; counts towards the volume discount.
        package let baseVolume: Gigapixels
        /// Whether an agreement with the marketplace is alive.
        package let hasAgreement: Bool

        static let columns: SQL = """
            t.billing_type, a.processing_balance, a.utilities_balance, a.processing_spend,
            (SELECT greatest(0, coalesce(sum(volume), 0))::bigint FROM transactions
                WHERE team_id = t.id AND created_at > now() - interval '30 days'),
            EXISTS (SELECT 1 FROM marketplace_agreements WHERE team_id = t.id AND status <> 'UNSUBSCRIBED')
            """

        package init(row: inout Row) throws(PostgresError) {
            billingType = try row.next()
            processingBalance = Dollars(thousandths: try row.next())
            utilitiesBalance = Dollars(thousandths: try row.next())
            processingSpend = Dollars(thousandths: try row.next())
            baseVolume = Gigapixels(thousandths: try row.next())
            hasAgreement = try row.next()
        }
    }

    /// What the jobs of a team that are under way will cost, in thousandths of a dollar: begins at these jobs, which are few, not at all
    /// that the team was ever charged for.
    package static func reservedStatement(_ team: ID<Team>) -> SQL {
        """
        SELECT coalesce(sum(c.amount), 0)::bigint FROM jobs j JOIN charges c ON c.job_id = j.id
        WHERE j.team_id = \(team) AND j.state = 'active' AND c.billing_type = 'STRIPE'
        """
    }

    /// Throws `.notFound(.team)`.
    package func standing(of team: ID<Team>) async throws -> Standing {
        let standing: Standing? = try await pool.run {
            try $0.first("SELECT \(Standing.columns) FROM teams t JOIN billing_accounts a ON a.team_id = t.id WHERE t.id = \(team)")
        }
        guard let standing else { throw StoreError.notFound(.team) }
        return standing
    }

    /// Periods of which some part lies in the range.
    ///
    /// - Parameters:
    ///   - from: inclusive; nil for the beginning.
    ///   - until: exclusive; nil for now.
    ///   - endedMode: the named kind is ended periods.
    package func periods(
        scope: TeamScope, team: ID<Team>? = nil, from: Date? = nil, until: Date? = nil, endedMode: FilterMode = .include,
        page: PageRequest
    ) async throws -> Page<BillingPeriodRecord> {
        try await rollOver(scope.teams)
        return try await pool.run {
            var condition: SQL = "FROM billing_periods p WHERE p.team_id = ANY(\(scope.teams))" + endedMode.clause("p.ended_at IS NOT NULL")
            if let team { condition += " AND p.team_id = \(team)" }
            if let from { condition += " AND (p.ended_at IS NULL OR p.ended_at > \(from))" }
            if let until { condition += " AND p.created_at < \(until)" }
            return try $0.page(BillingPeriodRecord.columns, condition, alias: "p", page)
        }
    }

    package func period(_ id: ID<BillingPeriod>, scope: TeamScope) async throws -> BillingPeriodRecord? {
        try await rollOver(scope.teams)
        return try await pool.run {
            try $0.first(
                "SELECT \(BillingPeriodRecord.columns) FROM billing_periods p WHERE p.id = \(id) AND p.team_id = ANY(\(scope.teams))")
        }
    }

    /// The open period of a team. Throws `.notFound(.billingPeriod)` when the team is gone.
    package func latestPeriod(of team: ID<Team>) async throws -> BillingPeriodRecord {
        try await rollOver([team])
        let period: BillingPeriodRecord? = try await pool.run {
            try $0.first("SELECT \(BillingPeriodRecord.columns) FROM billing_periods p WHERE p.team_id = \(team) AND p.ended_at IS NULL")
        }
        guard let period else { throw StoreError.notFound(.billingPeriod) }
        return period
    }

    /// Lines in dollars of one period, by date.
    package func transactions(
        in period: BillingPeriodRecord, filter: TransactionFilter, totals: TotalsScope, page: PageRequest
    ) async throws -> TransactionPage {
        let lines: SQL = "FROM transactions t WHERE t.period_id = \(period.id) AND t.billing_type = 'STRIPE'"
        return try await self.page(lines + filter.clause, totalsFrom: totals == .period ? lines : lines + filter.clause, page)
    }

    /// Lines in credits of a team, of all periods, by date, with the totals of what the filter keeps.
    package func creditsUsage(of team: ID<Team>, filter: TransactionFilter, page: PageRequest) async throws -> TransactionPage {
        let lines: SQL = "FROM transactions t WHERE t.team_id = \(team) AND t.billing_type = 'AWS_MARKETPLACE'" + filter.clause
        return try await self.page(lines, totalsFrom: lines, page)
    }

    private func page(_ lines: SQL, totalsFrom: SQL, _ page: PageRequest) async throws -> TransactionPage {
        try await pool.run { connection in
            let totals: [CategoryTotal] = try connection.query(
                "SELECT \(CategoryTotal.columns) " + totalsFrom + " GROUP BY t.category ORDER BY t.category")
            return TransactionPage(page: try connection.page(TransactionRecord.columns, lines, alias: "t", page), totals: totals)
        }
    }

    /// Ends the periods of these teams whose month is over.
    private func rollOver(_ teams: [ID<Team>]) async throws {
        let late: [ID<Team>] = try await pool.run {
            try $0.values(
                """
                SELECT team_id FROM billing_periods WHERE team_id = ANY(\(teams)) AND ended_at IS NULL
                    AND \(BillingPeriodRecord.monthEnd) <= now()
                """)
        }
        for team in late { _ = try await pool.transaction { try Ledger.open(team, in: $0).period } }
    }
}
