import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store

extension BillingPeriodRecord {
    /// The contract's `BillingPeriod`.
    func payload(by card: RateCard) -> JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": team.json,
            "endedAt": endedAt.map { .timestamp($0) }, "storageCostUsd": storageCost(by: card).json, "downloadCostUsd": downloadCost.json,
        ])
    }
}

extension BillingStore.Standing {
    /// The contract's `FinancialDetails`.
    func payload(by card: RateCard) -> JSON {
        .members([
            "processingCreditsBalanceUsd": processingBalance.json, "processingLifetimeSpendUsd": processingSpend.json,
            "processingBaseVolumeDiscountGp": baseVolume.json,
            "processingBaseVolumeDiscountPercentage": .number(Double(card.discountTenths(volume: baseVolume)) / 10),
            "utilitiesBalanceUsd": utilitiesBalance.json,
        ])
    }
}

extension TransactionRecord {
    /// The contract's `Transaction`, of either kind.
    ///
    /// Throws when the stored products are not JSON, which they always are.
    func payload() throws -> JSON {
        let products = try storedProducts
        return .members([
            "createdAt": .timestamp(createdAt), "type": .string(kind.rawValue), "amountUsd": amount.json, "balanceUsd": balance.json,
            "videoId": video?.json, "accountAdjustment": adjustmentPayload,
            "details": kind == .processing ? products.map { details($0, discount: .number(Double(discountTenths) / 10)) } : nil,
            "product": kind == .utilities ? products?.first : nil,
        ])
    }

    /// Release 2.0's `CreditsUsage`, of either kind.
    ///
    /// Throws when the stored products are not JSON, which they always are.
    func creditsPayload() throws -> JSON {
        let products = try storedProducts
        return .members([
            "createdAt": .timestamp(createdAt), "type": .string(kind.rawValue), "pixopCredits": .integer(credits), "videoId": video?.json,
            "details": kind == .processing ? products.map { details($0, discount: nil) } : nil,
            "product": kind == .utilities ? products?.first : nil,
        ])
    }

    private var storedProducts: [JSON]? {
        get throws {
            guard let products, case .array(let items) = try JSON(parsing: products.text) else { return nil }
            return items
        }
    }

    private func details(_ products: [JSON], discount: JSON?) -> JSON {
        .members(["sourceVideoId": source?.json, "products": .array(products), "discountPercentage": discount])
    }

    private var adjustmentPayload: JSON? {
        adjustment.map {
            .members([
                "type": .string($0.rawValue), "category": .string(category.rawValue), "reason": reason.map { .string($0) },
            ])
        }
    }
}

extension [CategoryTotal] {
    /// The contract's `TransactionTotals`.
    var payload: JSON {
        .members([
            "totalsForAllCategories": Self.line(nil, reduce(.zero) { $0 + $1.credit }, reduce(.zero) { $0 + $1.debit }),
            "totalsByCategory": .array(map { Self.line($0.category, $0.credit, $0.debit) }),
        ])
    }

    /// Release 2.0's `CreditsUsageTotals`.
    var creditsPayload: JSON {
        .members([
            "totalsForAllCategories": .members(["totalPixopCredits": .integer(reduce(0) { $0 + $1.credits })]),
            "totalsByCategory": .array(
                map { .members(["category": .string($0.category.rawValue), "totalPixopCredits": .integer($0.credits)]) }),
        ])
    }

    private static func line(_ category: TransactionCategory?, _ credit: Dollars, _ debit: Dollars) -> JSON {
        .members([
            "category": category.map { .string($0.rawValue) }, "totalCreditUsd": credit.json, "totalDebitUsd": debit.json,
            "netTotalUsd": (credit - debit).json,
        ])
    }
}

extension AgreementRecord {
    /// Release 2.0's `AwsMarketplaceSubscription`.
    var payload: JSON {
        .members([
            "agreementId": .string(agreementID), "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt),
            "teamId": team.json, "status": .string(status.rawValue), "licenseArn": .string(licenseARN), "offerId": .string(offerID),
            "productId": .string(productID), "productName": .string(productName), "buyerAwsAccountId": .string(buyerAccountID),
            "sellerAwsAccountId": .string(sellerAccountID), "acceptanceTime": .timestamp(acceptedAt), "startTime": .timestamp(startedAt),
            "setupCompletedAt": .timestamp(linkedAt), "effectiveFromHour": .timestamp(effectiveFrom),
            "cancellationRequestedAt": cancellationRequestedAt.map { .timestamp($0) },
            "licenseDeprovisionedAt": deprovisionedAt.map { .timestamp($0) },
            "replacesAgreementId": replacesAgreementID.map { .string($0) },
        ])
    }
}
