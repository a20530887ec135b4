/// What the operator charges, and whom. Every price may be zero.
package struct RateCard: Hashable, Sendable {
    /// A price in both currencies a team can be billed in.
    package struct Price: Hashable, Sendable {
        /// For each unit, up to three decimals.
        package var dollars: Dollars
        /// For each unit, whole numbers: the API has no fractions of credits.
        package var credits: Int64

        package init(dollars: Dollars, credits: Int64) {
            self.dollars = dollars
            self.credits = credits
        }

        package static let free = Price(dollars: .zero, credits: 0)
    }

    /// For each gigapixel a product puts out.
    package var products: [BillableProduct: Price]
    /// For each gigabyte (10⁹ bytes) stored for 30 days.
    package var storage: Price
    /// For each gigabyte (10⁹ bytes) taken out.
    package var download: Price
    /// The volume discount at its fullest, in tenths of a per cent, 0 to 1000.
    package var discountCeilingTenths: Int
    /// The volume from which on the discount is full; more than zero.
    package var fullDiscountVolume: Gigapixels
    /// Whether processing is refused that the team's balance does not cover. Without it balances may become negative.
    package var requiresBalance: Bool

    package func price(of product: BillableProduct) -> Price { products[product] ?? .free }

    /// The discount in tenths of a per cent: grows evenly with the volume, cut to the tenth.
    package func discountTenths(volume: Gigapixels) -> Int {
        if volume >= fullDiscountVolume { return discountCeilingTenths }
        return Int(Double(discountCeilingTenths) * Double(max(0, volume.thousandths)) / Double(fullDiscountVolume.thousandths))
    }

    /// The card in force unless the operator gives another (documented in docs/BILLING.md). Learned filters cost most, what
    /// only moves pixels costs next to nothing; a credit is worth a cent.
    package static let standard: RateCard = {
        var products: [BillableProduct: Price] = [:]
        for product in BillableProduct.allCases {
            let thousandths: Int64 =
                switch product {
                case .dvres2, .vfi: 1000
                case .dvres, .faceForward: 750
                case .deint, .pabsr1, .dejit: 500
                case .denoise, .infiniteHDR: 400
                case .motionInterpolate: 200
                case .h264, .hevc, .mpeg2, .xdcam, .ffv1, .proRes, .dnxhd, .dnxhr: 100
                case .bwdif, .weston3F, .hqdn3D: 50
                case .yadif, .frameBlend, .filmGrain, .inverseToneMap, .toneMap, .gradFun, .scale, .prescale: 20
                case .crop, .fps: 0
                }
            products[product] = Price(dollars: Dollars(thousandths: thousandths), credits: thousandths / 10)
        }
        return RateCard(
            products: products, storage: Price(dollars: Dollars(thousandths: 25), credits: 3),
            download: Price(dollars: Dollars(thousandths: 90), credits: 9), discountCeilingTenths: 350,
            fullDiscountVolume: Gigapixels(thousandths: 1_000_000), requiresBalance: false)
    }()
}
