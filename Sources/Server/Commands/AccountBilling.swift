import ArgumentParser
import Domain
import Logging
import Postgres
import Primitives
import Store

/// Which team a command is about.
struct TeamFlag: ParsableArguments {
    @Option(help: "Id of the team.") var team: String

    /// Throws for text that is no id.
    var id: ID<Team> {
        get throws {
            guard let id = ID<Team>(team) else { throw ValidationError("--team must be a UUID, not '\(team)'") }
            return id
        }
    }

    /// Runs a change of the team; one that is not there is an error of the command line.
    func changing(_ body: (ID<Team>) async throws -> Void) async throws {
        do { try await body(try id) } catch StoreError.notFound(.team) { throw ValidationError("--team \(team) is no team") }
    }
}

extension Account {
    /// Books an adjustment.
    struct Adjust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "adjust", abstract: "Adjusts a balance of a team, with a transaction. Works beside a running server.")

        @OptionGroup var team: TeamFlag
        @Option(help: "US dollars with up to three decimals; negative takes away. Write --amount=-5 for a negative one.")
        var amount: Double
        @Option(help: "Which account: PROCESSING or UTILITIES.") var account = "PROCESSING"
        @Option(help: "Type of the adjustment, as in the API.") var type = AdjustmentType.manual.rawValue
        @Option(help: "Reason, as the team reads it.") var reason: String
        @OptionGroup var settings: SettingFlags

        func run() async throws {
            guard let kind = TransactionKind(rawValue: account) else { throw Self.refusal("account", account, TransactionKind.self) }
            guard let type = AdjustmentType(rawValue: type) else { throw Self.refusal("type", type, AdjustmentType.self) }
            guard let dollars = Self.dollars(amount) else {
                throw ValidationError("--amount has at most three decimals and 10¹², not \(amount)")
            }
            let adjustment = BillingStore.Adjustment(
                kind: kind, type: type, category: kind == .processing ? .processing : .other, amount: dollars, reason: reason)
            try await Database.using(try settings.configuration(), observer: Logs.observer(level: .warning)) { pool in
                try await team.changing { id in
                    let billing = BillingStore(pool: pool)
                    try await billing.adjust(id, adjustment)
                    let standing = try await billing.standing(of: id)
                    print(
                        "Balances: processing \(standing.processingBalance.double) USD, utilities \(standing.utilitiesBalance.double) USD.")
                }
            }
        }

        /// Nil for an amount beyond 10¹² (which is asked first: larger ones, infinities and what is no number cannot be thousandths),
        /// and for one with more than three decimals.
        private static func dollars(_ amount: Double) -> Dollars? {
            guard amount.magnitude <= 1e12 else { return nil }
            let dollars = Dollars(amount)
            return abs(dollars.double - amount) < 1e-9 ? dollars : nil
        }

        private static func refusal<Choice: RawRepresentable<String> & CaseIterable>(
            _ flag: String, _ value: String, _ type: Choice.Type
        ) -> ValidationError {
            ValidationError("--\(flag) is '\(value)'; allowed: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    /// Changes how a team pays.
    struct Billing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "billing",
            abstract: "Bills a team in dollars or in credits from now on. Appraisals made before cannot be accepted any more.")

        @OptionGroup var team: TeamFlag
        @Option(help: "STRIPE for dollars, AWS_MARKETPLACE for credits.") var type: String
        @OptionGroup var settings: SettingFlags

        func run() async throws {
            guard let type = BillingType(rawValue: type) else {
                throw ValidationError("--type is '\(type)'; allowed: \(BillingType.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            try await Database.using(try settings.configuration(), observer: Logs.observer(level: .warning)) { pool in
                try await team.changing { id in
                    try await MarketplaceStore(pool: pool).setBillingType(type, of: id)
                    print("Team \(id) is billed by \(type.rawValue).")
                }
            }
        }
    }
}
