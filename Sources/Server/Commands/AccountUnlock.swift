import ArgumentParser
import Domain
import Logging
import Store

extension Account {
    /// Lifts the lock of an account before its time.
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlock", abstract: "Lifts the lock that too many wrong passwords brought. Works beside a running server.")

        @Option(help: "E-mail address of the user.") var email: String
        @OptionGroup var settings: SettingFlags

        func run() async throws {
            try await Database.using(try settings.configuration(), observer: Logs.observer(level: .warning)) { pool in
                let accounts = AccountStore(pool: pool)
                guard let user = try await accounts.user(email: email) else {
                    throw ValidationError("--email \(email) belongs to no account")
                }
                let wasLocked = try await accounts.unlock(user.id)
                print(wasLocked ? "Unlocked \(user.email)." : "\(user.email) was not locked; its count of wrong passwords is 0 now.")
            }
        }
    }
}
