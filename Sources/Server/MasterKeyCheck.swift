import Credentials
import Events
import Postgres
import S3
import Store

/// Refuses a master key other than the one that sealed what the database holds, before anything is done with it: a server that
/// went on would fail wherever a secret is opened, and seal new ones that no other server opens.
struct MasterKeyCheck {
    let pool: ConnectionPool
    let secrets: SecretBox
    /// Under the same master key.
    let keys: SigningKeys

    /// Also makes the first signing key of an installation, so that every later start has something to compare with.
    ///
    /// - Throws: `WrongMasterKey`, or what keeps the database from answering.
    func run(_ configuration: Configuration) async throws {
        if try await keys.opensNewest() == nil {
            guard try await opensLocations() else { throw WrongMasterKey(configuration, unopened: "the keys of a stored S3 location") }
            try await keys.rotateIfDue()
        }
        // Of a first key too: another process may have made it at the same moment, under another master key.
        guard try await keys.opensNewest() == true else { throw WrongMasterKey(configuration, unopened: "the newest webhook signing key") }
    }

    /// Whether the newest stored locations open; true when there are none.
    private func opensLocations() async throws -> Bool {
        do {
            for direction in TransferDirection.allCases {
                guard let location = try await S3LocationStore(pool: pool, direction: direction).newest() else { continue }
                _ = try S3Credentials(sealed: location.sealedCredentials, by: secrets)
            }
            return true
        } catch CredentialError.notAuthentic {
            return false
        }
    }
}

/// The database holds secrets that were sealed under another master key.
struct WrongMasterKey: Error, CustomStringConvertible {
    let description: String

    /// - Parameter unopened: what the key does not open.
    init(_ configuration: Configuration, unopened: String) {
        let (setting, file) = (Setting.masterKey, configuration.dataDirectory + "/master.key")
        let place = configuration.masterKey == nil ? file : "--\(setting.flag) (\(setting.variable))"
        description =
            "The master key in \(place) is not the one that sealed the secrets in this database: it does not open \(unopened). "
            + "Nothing is lost: set \(setting.variable) to the key that was used before, or, where none was set, put the former "
            + "master.key back at \(file), and start again. docs/OPERATIONS.md says what can be done when that key is gone."
    }
}
