import CPostgres

/// Where and how to connect: libpq's connection parameters, and the limits every connection is given.
package struct ConnectionConfiguration: Equatable, Sendable, CustomStringConvertible {
    /// libpq keywords (PostgreSQL manual, "Parameter Key Words") with their values.
    private(set) var parameters: [String: String]
    /// The longest one statement may run before the server ends it.
    package var statementTimeout: Duration = .seconds(30)
    /// The longest a transaction may wait for its next statement before the server ends the session. Nothing is awaited inside one, so
    /// that only a process that hangs comes to it; shorter than a statement may run, because others wait for its locks meanwhile.
    package var idleInTransactionTimeout: Duration = .seconds(15)
    /// The longest one attempt to connect may take; libpq counts whole seconds, at least 2.
    package var connectTimeout: Duration = .seconds(5)
    /// The name shown in `pg_stat_activity`.
    package var applicationName = "remaster"

    /// Reads a URL (`postgresql://user:password@host:port/database?sslmode=verify-full`) or a keyword string.
    ///
    /// Throws `.invalidConfiguration`; its text never repeats the input, which may hold a password.
    package init(url: String) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            throw .invalidConfiguration("the database URL is not a PostgreSQL URL or keyword string")
        }
        defer { PQconninfoFree(options) }
        parameters = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
    }

    /// A server on this machine, through the socket in `socketDirectory`.
    package init(socketDirectory: String, database: String, user: String) {
        parameters = ["host": socketDirectory, "dbname": database, "user": user]
    }

    /// The same server, another database of it.
    package func database(_ name: String) -> ConnectionConfiguration {
        var copy = self
        copy.parameters["dbname"] = name
        return copy
    }

    /// Name of the database, where it is given.
    package var database: String? { parameters["dbname"] }

    /// Host, port and database; never the password.
    package var description: String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "default"
        return "PostgreSQL at \(host), database \(parameters["dbname"] ?? "default")"
    }

    /// A failure's text, which may be libpq's, without the passwords.
    ///
    /// A password with a plain `@` or `/` makes its end part of the host's or the database's name, which libpq tells: such a text is
    /// replaced as a whole.
    package func redacted(_ text: String) -> String {
        if ["host", "dbname"].contains(where: { parameters[$0]?.contains("@") == true }) {
            return "no connection: the host or the database has an @ in its name; in a password, write @ as %40 and / as %2F"
        }
        let secrets = ["password", "sslpassword"].compactMap { parameters[$0] }.filter { !$0.isEmpty }
        return secrets.reduce(text) { text, secret in text.replacing(secret, with: "***") }
    }

    /// What libpq is given: dead peers are noticed within about 30 s even while nothing is sent.
    var connectionParameters: [(String, String)] {
        var all = [
            "client_encoding": "UTF8", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "4",
            "tcp_user_timeout": "30000", "application_name": applicationName,
            "connect_timeout": String(max(2, connectTimeout.components.seconds)),
        ]
        all.merge(parameters) { _, given in given }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// First statements on a new connection.
    var preamble: String {
        """
        SET statement_timeout = \(Self.milliseconds(statementTimeout)); \
        SET idle_in_transaction_session_timeout = \(Self.milliseconds(idleInTransactionTimeout)); \
        SET TimeZone = 'UTC'; SET standard_conforming_strings = on
        """
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
