extension RateCard {
    /// Reads an operator's card. Members that are absent keep the standard card's value; `otherProducts` prices every
    /// product that is not named. Throws all problems at once.
    ///
    /// ```json
    /// {"products": {"DVRES2": {"usd": 0.8, "credits": 80}}, "otherProducts": {"usd": 0, "credits": 0},
    ///  "storage": {"usd": 0.02, "credits": 2}, "download": {"usd": 0, "credits": 0},
    ///  "discount": {"ceilingPercentage": 35, "fullAtGigapixels": 1000}, "requiresBalance": true}
    /// ```
    package init(json: JSON) throws(ValidationFailure) {
        let problems = ProblemCollector()
        let reader = ObjectReader(
            json, known: ["products", "otherProducts", "storage", "download", "discount", "requiresBalance"], problems: problems)
        self = .standard
        if let others = Self.price("otherProducts", of: reader) {
            for product in BillableProduct.allCases { products[product] = others }
        }
        let prices = reader.object("products", known: BillableProduct.allCases.map(\.rawValue)) { reader in
            BillableProduct.allCases.map { ($0, Self.price($0.rawValue, of: reader)) }
        }
        for (product, price) in prices ?? [] { if let price { products[product] = price } }
        storage = Self.price("storage", of: reader) ?? storage
        download = Self.price("download", of: reader) ?? download
        let discount = reader.object("discount", known: ["ceilingPercentage", "fullAtGigapixels"]) { reader in
            (
                reader.number("ceilingPercentage", in: 0...100).map { Int(($0 * 10).rounded()) },
                reader.number("fullAtGigapixels", in: 0.001...1e9).map { Gigapixels(pixels: $0 * 1e9) }
            )
        }
        discountCeilingTenths = discount?.0 ?? discountCeilingTenths
        fullDiscountVolume = discount?.1 ?? fullDiscountVolume
        requiresBalance = reader.boolean("requiresBalance") ?? requiresBalance
        try problems.check()
    }

    /// Both currencies must be named: a price in one alone would let the other kind of team go free unnoticed.
    private static func price(_ name: String, of reader: ObjectReader) -> Price? {
        reader.object(name, known: ["usd", "credits"]) { reader in
            let dollars = reader.requiredNumber("usd", in: 0...1_000_000)
            let credits = reader.requiredInteger("credits", in: 0...1_000_000_000)
            if abs((dollars * 1000).rounded() - dollars * 1000) > 1e-6 {
                reader.problems.add(
                    Problem(field: reader.path("usd"), actual: JSON.number(dollars).description, "must have at most three decimals"))
            }
            return Price(dollars: Dollars(dollars), credits: credits)
        }
    }
}
