import ArgumentParser
import Domain
import Foundation
import Logging
import Postgres
import Primitives
import Store

extension Account {
    /// Agreements with the marketplace.
    struct Marketplace: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "marketplace", abstract: "Links agreements with the marketplace to teams, and ends them.",
            subcommands: [Link.self, End.self])

        /// Links an agreement.
        struct Link: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "link",
                abstract: "Links an agreement to a team, which is billed in credits from now on; an earlier one of the team ends.")

            @OptionGroup var team: TeamFlag
            @Option(help: "Id of the agreement, 1 to 255 characters.") var agreement: String
            @Option(help: "ARN of its license.") var licenseArn: String
            @Option(help: "Id of the offer.") var offer: String
            @Option(help: "Id of the product.") var product: String
            @Option(help: "Name of the product.") var productName: String
            @Option(help: "AWS account of the buyer.") var buyer: String
            @Option(help: "AWS account of the seller.") var seller: String
            @Option(help: "When it was accepted, as in RFC 3339; now when absent.") var accepted: String?
            @Option(help: "When it begins, as in RFC 3339; when it was accepted, when absent.") var starts: String?
            @OptionGroup var settings: SettingFlags

            func run() async throws {
                guard (1...255).contains(agreement.count), agreement != "current" else {
                    throw ValidationError("--agreement has 1 to 255 characters and is not 'current'")
                }
                let acceptedAt = try Self.time("accepted", accepted) ?? Date()
                let new = NewAgreement(
                    agreementID: agreement, licenseARN: licenseArn, offerID: offer, productID: product, productName: productName,
                    buyerAccountID: buyer, sellerAccountID: seller, acceptedAt: acceptedAt,
                    startedAt: try Self.time("starts", starts) ?? acceptedAt)
                try await Database.using(try settings.configuration(), observer: Logs.observer(level: .warning)) { pool in
                    try await team.changing { id in
                        do {
                            _ = try await MarketplaceStore(pool: pool).link(new, to: id)
                        } catch StoreError.conflict(.agreementTaken) {
                            throw ValidationError("--agreement \(agreement) is linked already")
                        }
                        print("Team \(id) is billed through agreement \(agreement).")
                    }
                }
            }

            private static func time(_ flag: String, _ text: String?) throws -> Date? {
                guard let text else { return nil }
                guard let date = Timestamp.date(text) else {
                    throw ValidationError("--\(flag) is '\(text)'; allowed: a time such as 2026-03-04T12:00:00Z")
                }
                return date
            }
        }

        /// Ends an agreement.
        struct End: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "end", abstract: "Notes that an agreement was cancelled, and with --now that it is over.")

            @Option(help: "Id of the agreement.") var agreement: String
            @Flag(help: "It is over: its team can start nothing more.") var now = false
            @OptionGroup var settings: SettingFlags

            func run() async throws {
                try await Database.using(try settings.configuration(), observer: Logs.observer(level: .warning)) { pool in
                    do {
                        try await MarketplaceStore(pool: pool).end(agreement, now: now)
                        print("Agreement \(agreement) \(now ? "is over" : "is to end").")
                    } catch StoreError.notFound(.agreement) {
                        throw ValidationError("--agreement \(agreement) is not in force")
                    }
                }
            }
        }
    }
}
