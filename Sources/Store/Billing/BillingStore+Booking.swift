package import Domain
import FoundationEssentials
import Postgres
package import Primitives

/// What is booked apart from processing.
extension BillingStore {
    /// A change of a team's account by the operator.
    package struct Adjustment: Sendable {
        package var kind: TransactionKind
        package var type: AdjustmentType
        package var category: TransactionCategory
        /// Negative for a debit.
        package var amount: Dollars
        /// For people.
        package var reason: String

        package init(kind: TransactionKind, type: AdjustmentType, category: TransactionCategory, amount: Dollars, reason: String) {
            self.kind = kind
            self.type = type
            self.category = category
            self.amount = amount
            self.reason = reason
        }
    }

    /// Books an adjustment in dollars. Throws `.notFound(.team)`.
    package func adjust(_ team: ID<Team>, _ adjustment: Adjustment) async throws {
        try await pool.transaction { transaction in
            guard try transaction.value("SELECT 1 FROM teams WHERE id = \(team)", as: Int.self) != nil else {
                throw StoreError.notFound(.team)
            }
            let ledger = Ledger(team: team, billingType: .stripe, period: try Ledger.open(team, in: transaction).period)
            var entry = Ledger.Entry(kind: adjustment.kind, category: adjustment.category, amount: adjustment.amount)
            entry.adjustment = adjustment.type
            entry.reason = adjustment.reason
            try ledger.book(entry, in: transaction)
            try AuditStore.record(.operator, "account adjust", team: team, user: nil, in: transaction)
        }
    }

    /// Bytes taken out of storage.
    package struct Download: Hashable, Sendable {
        package var video: ID<Video>
        package var bytes: Int64
        /// `.download` or `.export`.
        package var category: TransactionCategory
        /// What the download is known by: once for each it is booked.
        package var reference: String

        package init(video: ID<Video>, bytes: Int64, category: TransactionCategory, reference: String) {
            self.video = video
            self.bytes = bytes
            self.category = category
            self.reference = reference
        }
    }

    /// Books a download on the video's team, unless it was booked before.
    ///
    /// - Parameter product: the line in the API's words, given the gigabytes and their price.
    package func book(_ download: Download, by card: RateCard) async throws {
        let known = try await pool.run {
            try $0.value("SELECT 1 FROM transactions WHERE reference = \(download.reference)", as: Int.self) != nil
        }
        if known { return }
        try await pool.transaction { try Self.book(download, by: card, in: $0) }
    }

    static func book(_ download: Download, by card: RateCard, in transaction: borrowing Transaction) throws(PostgresError) {
        let team = try transaction.value("SELECT team_id FROM videos WHERE id = \(download.video)", as: ID<Team>.self)
        guard let team else { return }
        let ledger = try Ledger.open(team, in: transaction)
        let utility = Utility(gigabytes: Double(download.bytes) / 1e9, price: card.download, category: download.category)
        var entry = utility.entry(by: card, for: ledger.billingType)
        entry.video = download.video
        entry.reference = download.reference
        try ledger.book(entry, in: transaction)
    }

    /// Brings every team's storage up to date: measures it, ends the periods whose month is over, and books what storage
    /// cost in them. Doing it twice, or in two processes, books nothing twice.
    ///
    /// A team that cannot be settled leaves the others to be; throws the first such failure at the end.
    package func settleStorage(by card: RateCard) async throws {
        let teams = try await pool.run { try $0.values("SELECT team_id FROM billing_accounts", as: ID<Team>.self) }
        var failure: (any Error)?
        for team in teams {
            try Task.checkCancellation()
            do { try await settleStorage(of: team, by: card) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    private func settleStorage(of team: ID<Team>, by card: RateCard) async throws {
        // Summed before the account is locked: whoever books meanwhile does not wait for it.
        let bytes = try await pool.run { try $0.value(BillingPeriodRecord.storedStatement(team), as: Int64.self) ?? 0 }
        try await pool.transaction { transaction in
            let ledger = try Ledger.open(team, storedBytes: bytes, in: transaction)
            try BillingPeriodRecord.measureStorage(of: ledger.period, bytes: bytes, until: "now()", in: transaction)
            let ended: [BillingPeriodRecord] = try transaction.query(
                """
                SELECT \(BillingPeriodRecord.columns) FROM billing_periods p
                WHERE p.team_id = \(team) AND p.ended_at IS NOT NULL AND p.storage_cost IS NULL ORDER BY p.created_at
                """)
            for period in ended { try Self.bookStorage(of: period, in: ledger, by: card, transaction) }
        }
    }

    private static func bookStorage(
        of period: BillingPeriodRecord, in ledger: Ledger, by card: RateCard, _ transaction: borrowing Transaction
    ) throws(PostgresError) {
        let utility = Utility(gigabytes: period.storageGigabyteMonths, price: card.storage, category: .storage)
        var entry = utility.entry(by: card, for: ledger.billingType)
        entry.reference = "storage \(period.id)"
        entry.ended = period.endedAt.map { (period.id, $0) }
        // A month in which nothing was stored makes no line.
        if period.storageByteSeconds > 0 { try ledger.book(entry, in: transaction) }
        try transaction.execute(
            "UPDATE billing_periods SET storage_cost = \((-entry.amount).thousandths), updated_at = now() WHERE id = \(period.id)")
    }
}

/// A download with what it costs by.
package struct BilledDownload: Hashable, Sendable {
    package var download: BillingStore.Download
    package var card: RateCard

    package init(_ download: BillingStore.Download, by card: RateCard) {
        self.download = download
        self.card = card
    }
}

/// Storage or a download, as a line of the books.
private struct Utility {
    /// Of 10⁹ bytes; for storage, kept for 30 days.
    let gigabytes: Double
    let price: RateCard.Price
    let category: TransactionCategory

    private var name: String {
        switch category {
        case .storage: "Storage"
        case .export: "Download to S3"
        default: "Download"
        }
    }

    func entry(by card: RateCard, for billingType: BillingType) -> Ledger.Entry {
        let charge = card.charge(gigabytes: gigabytes, at: price)
        let isStripe = billingType == .stripe
        let amount = (gigabytes * 1000).rounded() / 1000
        var entry = Ledger.Entry(kind: .utilities, category: category, amount: isStripe ? -charge.dollars : .zero)
        entry.credits = isStripe ? 0 : charge.credits
        let product = BilledProduct(
            name: name, category: category, amount: amount, unit: .gigabytes, discountPercentage: 0, unitPrice: price,
            cost: charge.dollars, credits: charge.credits)
        entry.products = JSONDocument(JSON.array([product.json(in: billingType)]).description)
        return entry
    }
}
