import ArgumentParser
import Logging
import Credentials
import Domain
import Foundation
import Postgres
import Primitives
import Store
import Telemetry

/// Accounts, made and changed by the operator: the API cannot.
struct Account: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Makes accounts, and changes how they are billed and whether they are locked.",
        subcommands: [Create.self, Unlock.self, Adjust.self, Billing.self, Marketplace.self])

    /// User, team and key.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Makes a user, a team with its Default Project, and one API key. Works beside a running server.")

        @Option(help: "E-mail address, the user's name at sign-in.") var email: String
        @Option(help: "Password, at least 12 characters.") var password: String
        @Option(help: "Name of the team, 1 to 47 characters.") var team: String
        @Option(help: "Name of the user.") var name: String?
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var settings: SettingFlags

        func validate() throws {
            guard (1...47).contains(team.count) else { throw ValidationError("--team has 1 to 47 characters, not \(team.count)") }
            guard password.count >= 12 else { throw ValidationError("--password has at least 12 characters, not \(password.count)") }
            guard email.contains("@"), email.count <= 254 else { throw ValidationError("--email is not an e-mail address: '\(email)'") }
        }

        func run() async throws {
            let observer = Logs.observer(level: .warning)
            let configuration = try settings.configuration()
            do {
                try await Database.using(configuration, observer: observer) { try await create(in: $0) }
            } catch StoreError.conflict(.emailTaken) {
                throw ValidationError("--email \(email) belongs to an account already")
            }
        }

        private func create(in pool: ConnectionPool) async throws {
            let secret = APIKeySecret.generate()
            let account = try await AccountStore(pool: pool).createAccount(
                email: email, name: name ?? email, password: try PasswordHash.make(password), teamName: team, firstKey: secret)
            if json {
                let facts = [
                    "userId": account.user.id.description, "teamId": account.team.id.description, "email": email, "apiKey": secret.text,
                ]
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                print(String(decoding: try encoder.encode(facts), as: UTF8.self))
            } else {
                print("User \(account.user.id) in team \(account.team.id). API key (shown once): \(secret.text)")
            }
        }
    }
}
