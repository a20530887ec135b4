package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// One line in the books of a team.
package struct TransactionRecord: Hashable, RowDecodable {
    package let createdAt: Date
    package let kind: TransactionKind
    package let category: TransactionCategory
    /// Negative for a debit.
    package let amount: Dollars
    /// Of the kind's account, after this line.
    package let balance: Dollars
    /// Credits used; negative when given back.
    package let credits: Int64
    package let video: ID<Video>?
    package let source: ID<Video>?
    /// What was bought, in the API's words; nil for an adjustment.
    package let products: JSONDocument?
    /// In tenths of a per cent.
    package let discountTenths: Int
    package let adjustment: AdjustmentType?
    package let reason: String?

    static let columns: SQL = """
        t.created_at, t.kind, t.category, t.amount, t.balance, t.credits, t.video_id, t.source_id, t.products, t.discount_tenths,
        t.adjustment_type, t.adjustment_reason
        """

    package init(row: inout Row) throws(PostgresError) {
        createdAt = try row.next()
        kind = try row.next()
        category = try row.next()
        amount = Dollars(thousandths: try row.next())
        balance = Dollars(thousandths: try row.next())
        credits = try row.next()
        video = try row.next()
        source = try row.next()
        products = try row.next()
        discountTenths = try row.next()
        adjustment = try row.next()
        reason = try row.next()
    }
}

/// What the lines of one category come to.
package struct CategoryTotal: Hashable, RowDecodable {
    package let category: TransactionCategory
    package let credit: Dollars
    package let debit: Dollars
    /// Credits used.
    package let credits: Int64

    static let columns: SQL = """
        t.category, coalesce(sum(t.amount) FILTER (WHERE t.amount > 0), 0)::bigint,
        coalesce(-sum(t.amount) FILTER (WHERE t.amount < 0), 0)::bigint, sum(t.credits)::bigint
        """

    package init(row: inout Row) throws(PostgresError) {
        category = try row.next()
        credit = Dollars(thousandths: try row.next())
        debit = Dollars(thousandths: try row.next())
        credits = try row.next()
    }
}

/// Which lines of the books a list keeps.
package struct TransactionFilter: Hashable, Sendable {
    /// Inclusive; nil for the team's beginning.
    package var from: Date?
    /// Exclusive; nil for now.
    package var until: Date?
    /// The named kind is processing.
    package var processingMode: FilterMode
    package var video: ID<Video>?

    package init(from: Date? = nil, until: Date? = nil, processingMode: FilterMode = .include, video: ID<Video>? = nil) {
        self.from = from
        self.until = until
        self.processingMode = processingMode
        self.video = video
    }

    /// Conditions to go after others.
    var clause: SQL {
        var clause = processingMode.clause("t.kind = 'PROCESSING'")
        if let from { clause += " AND t.created_at >= \(from)" }
        if let until { clause += " AND t.created_at < \(until)" }
        if let video { clause += " AND t.video_id = \(video)" }
        return clause
    }
}

/// One page of lines, with what the lines come to.
package struct TransactionPage: Sendable {
    package let page: Page<TransactionRecord>
    /// By category, in alphabetical order.
    package let totals: [CategoryTotal]
}

/// Which lines a list's totals are about.
package enum TotalsScope: Sendable {
    /// All lines of the billing period.
    case period
    /// The lines the list keeps, on all its pages.
    case filtered
}
