/// What one job costs, item by item, by one card and one discount.
package struct JobQuote: Hashable, Sendable {
    /// One product of the job.
    package struct Item: Hashable, Sendable {
        package let product: BillableProduct
        package let amount: Gigapixels
        /// For each gigapixel.
        package let unitPrice: RateCard.Price
        /// Without the discount.
        package let normalCost: Dollars
        package let discount: Dollars
        /// Whole credits, rounded up; credits know no discount.
        package let credits: Int64

        package var cost: Dollars { normalCost - discount }
    }

    package let items: [Item]
    /// In tenths of a per cent.
    package let discountTenths: Int
    /// What all products put out together.
    package let volume: Gigapixels

    package var discountPercentage: Double { Double(discountTenths) / 10 }
    package var cost: Dollars { items.reduce(.zero) { $0 + $1.cost } }
    package var discount: Dollars { items.reduce(.zero) { $0 + $1.discount } }
    package var normalCost: Dollars { items.reduce(.zero) { $0 + $1.normalCost } }
    package var credits: Int64 { items.reduce(0) { $0 + $1.credits } }
}

extension RateCard {
    /// - Parameter baseVolume: what the team had processed lately, which counts towards the discount.
    package func quote(_ work: JobWork, baseVolume: Gigapixels) -> JobQuote {
        let tenths = discountTenths(volume: baseVolume + work.total)
        let items = work.items.map { item in
            let price = price(of: item.product)
            let normal = Dollars(item.amount.double * price.dollars.double)
            return JobQuote.Item(
                product: item.product, amount: item.amount, unitPrice: price, normalCost: normal,
                discount: Dollars(normal.double * Double(tenths) / 1000), credits: Self.credits(item.amount.double, at: price))
        }
        return JobQuote(items: items, discountTenths: tenths, volume: work.total)
    }

    /// What is charged for bytes that are stored for 30 days, or taken out.
    package func charge(gigabytes: Double, at price: Price) -> Price {
        Price(dollars: Dollars(gigabytes * price.dollars.double), credits: Self.credits(gigabytes, at: price))
    }

    /// Whole credits, rounded up; what is left of a product by the arithmetic of fractions is not rounded up.
    private static func credits(_ amount: Double, at price: Price) -> Int64 {
        Int64((amount * Double(price.credits) - 1e-9).rounded(.up))
    }
}
