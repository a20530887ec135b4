import Domain
import Postgres
import Primitives

extension Ledger {
    /// Keeps what a job is to cost, with the job. With `.covered`, throws `.conflict(.insufficientBalance)` unless the team's
    /// balance, less what its jobs under way will cost, covers it. A charge in credits throws
    /// `.conflict(.noMarketplaceAgreement)` unless an agreement is alive.
    static func reserve(
        _ charge: Charge, for job: ID<Job>, team: ID<Team>, rule: BalanceRule, in transaction: borrowing Transaction
    ) throws {
        if rule == .covered, charge.billingType == .stripe, charge.cost > .zero {
            // The lock keeps two starts from counting the same money.
            let balance = try transaction.value(
                "SELECT processing_balance FROM billing_accounts WHERE team_id = \(team) FOR UPDATE", as: Int64.self)
            let reserved = try transaction.value(BillingStore.reservedStatement(team), as: Int64.self)
            let available = Dollars(thousandths: (balance ?? 0) - (reserved ?? 0))
            guard available >= charge.cost else {
                throw StoreError.conflict(.insufficientBalance(cost: charge.cost, available: available))
            }
        }
        if charge.billingType == .marketplace {
            let agreement = try transaction.value(
                "SELECT 1 FROM marketplace_agreements WHERE team_id = \(team) AND status <> 'UNSUBSCRIBED'", as: Int.self)
            guard agreement != nil else { throw StoreError.conflict(.noMarketplaceAgreement) }
        }
        try transaction.execute(
            """
            INSERT INTO charges (job_id, team_id, billing_type, amount, credits, volume, discount_tenths, products, shares)
            VALUES (\(job), \(team), \(charge.billingType), \(charge.cost.thousandths), \(charge.credits),
                \(charge.volume.thousandths), \(charge.discountTenths), \(charge.products), \(charge.shares))
            """)
    }

    /// Books what a job that has succeeded costs; nothing for one without a charge.
    static func bookProcessing(_ job: ID<Job>, team: ID<Team>, video: ID<Video>, in transaction: borrowing Transaction)
        throws(PostgresError)
    {
        let found: Reserved? = try transaction.first(
            """
            SELECT c.billing_type, c.amount, c.credits, c.volume, c.discount_tenths, c.products, j.source_id
            FROM charges c JOIN jobs j ON j.id = c.job_id WHERE c.job_id = \(job)
            """)
        guard let found else { return }
        let open = try open(team, in: transaction)
        // A team that changed over meanwhile still pays in the currency it was asked in.
        let ledger = Ledger(team: team, billingType: found.billingType, period: open.period)
        let isStripe = found.billingType == .stripe
        var entry = Entry(kind: .processing, category: .processing, amount: isStripe ? -found.cost : .zero)
        entry.credits = isStripe ? 0 : found.credits
        entry.volume = found.volume
        entry.discountTenths = found.discountTenths
        entry.video = video
        entry.source = found.source
        entry.products = found.products
        entry.reference = "job \(job)"
        try ledger.book(entry, in: transaction)
    }

    /// Gives back what a processed video has cost whose ingestion failed, once.
    static func refundProcessing(of video: ID<Video>, team: ID<Team>, in transaction: borrowing Transaction) throws(PostgresError) {
        let spent: [Spent] = try transaction.query(
            """
            SELECT id, billing_type, amount, credits, volume FROM transactions
            WHERE team_id = \(team) AND video_id = \(video) AND kind = 'PROCESSING' AND products IS NOT NULL
            """)
        guard !spent.isEmpty else { return }
        let open = try open(team, in: transaction)
        for line in spent {
            let ledger = Ledger(team: team, billingType: line.billingType, period: open.period)
            var entry = Entry(kind: .processing, category: .processing, amount: -line.amount)
            entry.credits = -line.credits
            entry.volume = .zero - line.volume
            entry.video = video
            entry.adjustment = .ingestionFailed
            entry.reason = "The ingestion of the processed video failed."
            entry.reference = "refund \(line.id)"
            try ledger.book(entry, in: transaction)
        }
    }

    private struct Reserved: RowDecodable {
        let billingType: BillingType
        let cost: Dollars
        let credits: Int64
        let volume: Gigapixels
        let discountTenths: Int
        let products: JSONDocument
        let source: ID<Video>?

        init(row: inout Row) throws(PostgresError) {
            billingType = try row.next()
            cost = Dollars(thousandths: try row.next())
            credits = try row.next()
            volume = Gigapixels(thousandths: try row.next())
            discountTenths = try row.next()
            products = try row.next()
            source = try row.next()
        }
    }

    private struct Spent: RowDecodable {
        let id: ID<LedgerEntry>
        let billingType: BillingType
        let amount: Dollars
        let credits: Int64
        let volume: Gigapixels

        init(row: inout Row) throws(PostgresError) {
            id = try row.next()
            billingType = try row.next()
            amount = Dollars(thousandths: try row.next())
            credits = try row.next()
            volume = Gigapixels(thousandths: try row.next())
        }
    }
}
