import Logging
import Postgres

/// Whether the database that is configured answers and can be worked on.
extension Doctor {
    /// The oldest major version that has all that the schema asks for: `gen_random_uuid()` without an extension.
    private static let oldestMajor = 13
    /// The major version that the product is built and tested with.
    private static let testedMajor = 15

    /// Connects once where a URL is configured; looks for the private cluster's programs where none is.
    func postgresCheck(_ configuration: Configuration) async -> Check {
        if let url = configuration.databaseURL { return await urlCheck(url) }
        do throws(EmbeddedClusterError) {
            let directory = try EmbeddedCluster.programDirectory(dataDirectory: configuration.dataDirectory)
            return Check(name: "PostgreSQL", verdict: .good, found: "private cluster with the programs in \(directory)", mend: nil)
        } catch {
            let mend =
                switch error {
                case .otherVersion(let found, _): "apt-get install postgresql-\(found), or set REMASTER_DATABASE_URL"
                case .directory: "run doctor as the account that runs the server, or choose another data directory"
                default: "apt-get install postgresql, or set REMASTER_DATABASE_URL"
                }
            return Check(name: "PostgreSQL", verdict: .missing, found: "\(error)", mend: mend)
        }
    }

    private func urlCheck(_ url: String) async -> Check {
        var connection: ConnectionConfiguration
        do throws(PostgresError) {
            connection = try ConnectionConfiguration(url: url)
        } catch {
            return Self.missing(Self.text(of: error), mend: "set REMASTER_DATABASE_URL to postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        }
        connection.connectTimeout = .seconds(5)
        connection.statementTimeout = .seconds(5)
        // Nobody else waits for the one connection, and one attempt says all there is to say.
        let pool = ConnectionPool(connection, limit: 1, acquireTimeout: .zero, observer: Logs.observer(level: .error))
        let check: Check
        do {
            let (version, isReadOnly) = try await pool.run { connection in
                (
                    try connection.value("SELECT current_setting('server_version_num')::int", as: Int.self) ?? 0,
                    try connection.value("SELECT current_setting('transaction_read_only')", as: String.self) == "on"
                )
            }
            check = Self.verdict(of: connection, major: version / 10_000, isReadOnly: isReadOnly)
        } catch {
            check = Self.missing(
                "configured by URL, but " + connection.redacted((error as? PostgresError).map(Self.text(of:)) ?? "\(error)"),
                mend: "see that the server runs, and that REMASTER_DATABASE_URL names its host, port, database, user and password")
        }
        await pool.close()
        return check
    }

    private static func verdict(of connection: ConnectionConfiguration, major: Int, isReadOnly: Bool) -> Check {
        let found = "\(connection), version \(major)"
        if major < oldestMajor {
            return missing(
                found, mend: "use PostgreSQL \(testedMajor); older ones than \(oldestMajor) lack functions that the schema calls")
        }
        if isReadOnly {
            return missing("\(found), takes no changes", mend: "name the primary server in REMASTER_DATABASE_URL, not a standby")
        }
        let isTested = major >= testedMajor
        return Check(
            name: "PostgreSQL", verdict: isTested ? .good : .usable, found: found,
            mend: isTested ? nil : "the product is tested with PostgreSQL \(testedMajor): update the server")
    }

    private static func missing(_ found: String, mend: String) -> Check {
        Check(name: "PostgreSQL", verdict: .missing, found: found, mend: mend)
    }

    private static func text(of error: PostgresError) -> String {
        switch error {
        case .unavailable(let text), .connectionLost(let text), .invalidConfiguration(let text): text
        case .server(let refusal): refusal.message
        default: "\(error)"
        }
    }
}
