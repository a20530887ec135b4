package import Domain

/// One product of a transaction, as it is kept in the books.
package struct BilledProduct: Hashable, Sendable {
    /// What an amount counts; raw values as in the API.
    package enum Unit: String, Sendable {
        case gigabytes = "GB"
        case gigapixels = "GP"
    }

    package var name: String
    package var category: TransactionCategory
    package var amount: Double
    package var unit: Unit
    package var discountPercentage: Double
    package var unitPrice: RateCard.Price
    package var cost: Dollars
    package var credits: Int64

    package init(
        name: String, category: TransactionCategory, amount: Double, unit: Unit, discountPercentage: Double, unitPrice: RateCard.Price,
        cost: Dollars, credits: Int64
    ) {
        self.name = name
        self.category = category
        self.amount = amount
        self.unit = unit
        self.discountPercentage = discountPercentage
        self.unitPrice = unitPrice
        self.cost = cost
        self.credits = credits
    }

    /// A product of a job.
    package init(_ item: JobQuote.Item, discountPercentage: Double) {
        self.init(
            name: item.product.name, category: item.product.isEncoder ? .encoder : .filter, amount: item.amount.double,
            unit: .gigapixels, discountPercentage: discountPercentage, unitPrice: item.unitPrice, cost: item.cost, credits: item.credits)
    }

    /// The contract's `Product`, or release 2.0's `ProductPixopCredits`.
    package func json(in billingType: BillingType) -> JSON {
        let discount: JSON? = billingType == .stripe ? .number(discountPercentage) : nil
        let (unitDollars, dollars) = billingType == .stripe ? (unitPrice.dollars.json, cost.json) : (nil, nil)
        let (unitCredits, credits) = billingType == .stripe ? (nil, nil) : (JSON.integer(unitPrice.credits), JSON.integer(credits))
        return .members([
            "productName": .string(name), "category": .string(category.rawValue), "amount": .number(amount),
            "amountUnit": .string(unit.rawValue), "discountPercentage": discount, "unitPriceUsd": unitDollars, "costUsd": dollars,
            "unitPricePixopCredits": unitCredits, "costPixopCredits": credits,
        ])
    }
}
