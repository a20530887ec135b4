import Credentials
import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

extension APIHarness {
    /// The key of somebody in another team.
    func strangersKey() async throws -> String {
        let stranger = try await AccountStore(pool: database.pool).createAccount(
            email: "stranger-\(ID<User>())@example.com", name: "Stranger", password: PasswordHash.make("another horse", cost: .cheap),
            teamName: "Elsewhere")
        let secret = APIKeySecret.generate()
        _ = try await APIKeyStore(pool: database.pool).create(
            for: stranger.user.id, name: "theirs", description: nil, isActive: true, secret: secret)
        return secret.text
    }

    /// Puts money on the team's processing account.
    func credit(_ amount: Dollars, reason: String = "card payment") async throws {
        try await BillingStore(pool: database.pool).adjust(
            account.team.id,
            BillingStore.Adjustment(kind: .processing, type: .creditsBought, category: .processing, amount: amount, reason: reason))
    }

    /// An agreement with the marketplace, linked to the team.
    @discardableResult
    func linkAgreement(_ id: String = "agmt-4k7") async throws -> AgreementRecord {
        try await MarketplaceStore(pool: database.pool).link(
            NewAgreement(
                agreementID: id, licenseARN: "arn:aws:license-manager::294406891311:license:l-1", offerID: "offer-1", productID: "prod-1",
                productName: "Remaster credits", buyerAccountID: "111122223333", sellerAccountID: "444455556666",
                acceptedAt: clock.now, startedAt: clock.now),
            to: account.team.id)
    }
}
