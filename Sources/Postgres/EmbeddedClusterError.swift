/// Why the private database server does not run.
package enum EmbeddedClusterError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No directory holds `initdb` and `postgres`.
    case serverNotInstalled(searched: [String])
    /// Another server owns the data directory.
    case alreadyRunning(dataDirectory: String, process: Int32?)
    /// A command owns the data directory, for seconds.
    case heldByCommand(dataDirectory: String, process: Int32?)
    /// The data directory was another's all the time that was waited: for its end, or for its database.
    case stayedInUse(dataDirectory: String, process: Int32?, waited: Duration)
    /// No unprivileged account is there to run the server as, and it refuses to run as root.
    case noUnprivilegedAccount
    /// A directory cannot be made, owned or entered.
    case directory(path: String, problem: String)
    /// A program could not be started at all.
    case cannotStart(program: String, errno: Int32)
    /// A program ended with a failure; the log is its end.
    case programFailed(program: String, exit: String, log: String)
    /// The server did not accept connections in time; the log is its end.
    case notReady(log: String)
    /// The data directory was written by another major version of PostgreSQL.
    case otherVersion(found: String, installed: String)

    package var description: String {
        switch self {
        case .serverNotInstalled(let searched):
            "PostgreSQL is not installed: no initdb and postgres in \(searched.joined(separator: ", ")); install it, or give a database URL"
        case .alreadyRunning(let directory, let process):
            "the data directory \(directory) is in use by another server\(process.map { " (process \($0))" } ?? "")"
        case .heldByCommand(let directory, let process):
            "the data directory \(directory) is in use by a command\(process.map { " (process \($0))" } ?? "")"
        case .stayedInUse(let directory, let process, let waited):
            "the data directory \(directory) is in use by \(process.map { "process \($0)" } ?? "another process"), which within "
                + "\(waited.components.seconds) s neither ended nor had a database to share"
        case .noUnprivilegedAccount:
            "PostgreSQL refuses to run as root, and there is neither an account named postgres nor one named nobody"
        case .directory(let path, let problem): "\(path): \(problem)"
        case .cannotStart(let program, let errno): "\(program) cannot be started (errno \(errno))"
        case .programFailed(let program, let exit, let log): "\(program) failed (\(exit)): \(log)"
        case .notReady(let log): "PostgreSQL does not accept connections: \(log)"
        case .otherVersion(let found, let installed):
            "the database was made by PostgreSQL \(found), installed is \(installed): dump it with the old version and load it with the new one"
        }
    }
}
