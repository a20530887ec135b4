import Domain
import FoundationEssentials
import Postgres
import Primitives

/// The books of a team, written within the transaction of what is booked. The team's account row is locked when the books
/// are opened, which puts the lines of a team into one order; it comes after the locks of jobs, segments and videos.
struct Ledger {
    let team: ID<Team>
    let billingType: BillingType
    /// The open period.
    let period: ID<BillingPeriod>

    /// One line to be booked.
    struct Entry {
        let kind: TransactionKind
        let category: TransactionCategory
        /// Negative for a debit.
        var amount: Dollars = .zero
        /// Credits used; negative when given back.
        var credits: Int64 = 0
        var volume: Gigapixels = .zero
        var discountTenths = 0
        var video: ID<Video>?
        var source: ID<Video>?
        /// What was bought, in the API's words; nil for an adjustment.
        var products: JSONDocument?
        var adjustment: AdjustmentType?
        var reason: String?
        /// What is booked: a second entry with the same reference is not.
        var reference: String?
        /// An ended period and its end; nil books into the open period, as of now.
        var ended: (period: ID<BillingPeriod>, at: Date)?
    }

    /// Opens the books: locks the account, and begins the month's period when the last one is over.
    ///
    /// - Parameter storedBytes: what the team has in storage, where that is known: otherwise it is summed at the end of a period, under
    ///   the lock.
    static func open(_ team: ID<Team>, storedBytes: Int64? = nil, in transaction: borrowing Transaction) throws(PostgresError) -> Ledger {
        try transaction.execute("SELECT 1 FROM billing_accounts WHERE team_id = \(team) FOR UPDATE")
        let period = try BillingPeriodRecord.roll(team, bytes: storedBytes, in: transaction)
        let billingType = try transaction.value("SELECT billing_type FROM teams WHERE id = \(team)", as: BillingType.self)
        return Ledger(team: team, billingType: billingType ?? .stripe, period: period)
    }

    /// Books one line; false when its reference was booked before.
    @discardableResult
    func book(_ entry: Entry, in transaction: borrowing Transaction) throws(PostgresError) -> Bool {
        let balance = entry.kind == .processing ? "processing_balance" : "utilities_balance"
        let inserted = try transaction.execute(
            """
            INSERT INTO transactions (id, created_at, team_id, period_id, billing_type, kind, category, amount, balance, credits, volume,
                video_id, source_id, products, discount_tenths, adjustment_type, adjustment_reason, reference)
            SELECT \(ID<LedgerEntry>()), coalesce(\(entry.ended?.at), clock_timestamp()), \(team),
                \(entry.ended?.period ?? period), \(billingType), \(entry.kind), \(entry.category), \(entry.amount.thousandths),
                a.\(unescaped: balance) + \(entry.amount.thousandths), \(entry.credits), \(entry.volume.thousandths),
                \(entry.video), \(entry.source), \(entry.products), \(entry.discountTenths), \(entry.adjustment), \(entry.reason),
                \(entry.reference)
            FROM billing_accounts a WHERE a.team_id = \(team)
            ON CONFLICT ON CONSTRAINT transactions_reference_key DO NOTHING
            """)
        guard inserted == 1 else { return false }
        let spent = entry.kind == .processing && (entry.products != nil || entry.adjustment == .ingestionFailed) ? -entry.amount : .zero
        try transaction.execute(
            """
            UPDATE billing_accounts SET \(unescaped: balance) = \(unescaped: balance) + \(entry.amount.thousandths),
                processing_spend = processing_spend + \(spent.thousandths)
            WHERE team_id = \(team)
            """)
        let downloaded = entry.category == .download || entry.category == .export ? -entry.amount : .zero
        try transaction.execute(
            """
            UPDATE billing_periods SET updated_at = now(), download_cost = download_cost + \(downloaded.thousandths)
            WHERE id = \(entry.ended?.period ?? period)
            """)
        return true
    }
}
