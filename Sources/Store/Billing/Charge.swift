package import Domain
package import Postgres

/// What a job will cost its team when it succeeds, and how long each of its products was expected to take.
package struct Charge: Hashable, RowDecodable {
    package var billingType: BillingType
    package var cost: Dollars
    /// Whole credits.
    package var credits: Int64
    package var volume: Gigapixels
    /// In tenths of a per cent.
    package var discountTenths: Int
    /// What is bought, as the API lists products of a transaction.
    package var products: JSONDocument
    /// Of the time estimate: product, millions of pixels, seconds.
    package var shares: JSONDocument

    package init(billingType: BillingType, quote: JobQuote, estimate: ComputeEstimate) {
        self.billingType = billingType
        cost = quote.cost
        credits = quote.credits
        volume = quote.volume
        discountTenths = quote.discountTenths
        products = JSONDocument(
            JSON.array(quote.items.map { BilledProduct($0, discountPercentage: quote.discountPercentage).json(in: billingType) })
                .description)
        shares = JSONDocument(
            JSON.array(
                estimate.shares.map { share in
                    .members([
                        "product": .string(share.product.rawValue), "volume": .integer(share.amount.thousandths),
                        "seconds": .number(share.seconds),
                    ])
                }
            ).description)
    }

    static let columns: SQL = "billing_type, amount, credits, volume, discount_tenths, products, shares"

    package init(row: inout Row) throws(PostgresError) {
        billingType = try row.next()
        cost = Dollars(thousandths: try row.next())
        credits = try row.next()
        volume = Gigapixels(thousandths: try row.next())
        discountTenths = try row.next()
        products = try row.next()
        shares = try row.next()
    }
}

/// What a job is checked against before it is charged to its team.
package enum BalanceRule: Hashable, Sendable {
    /// Balances may become negative.
    case open
    /// The balance, less what the jobs under way will cost, must cover the job.
    case covered
}
