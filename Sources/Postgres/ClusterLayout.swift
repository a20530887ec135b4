import FoundationEssentials
import Glibc

/// Where the files of a private server lie.
struct ClusterLayout: Sendable {
    /// Role and database of the product.
    static let databaseName = "remaster"

    let dataDirectory: String
    /// Directory of the unix socket: short enough for `sun_path`, closed to others.
    let socketDirectory: String

    /// PostgreSQL's own directory.
    var cluster: String { Self.cluster(in: dataDirectory) }
    var log: String { dataDirectory + "/postgres.log" }
    var processFile: String { cluster + "/postmaster.pid" }

    var connection: ConnectionConfiguration {
        ConnectionConfiguration(socketDirectory: socketDirectory, database: Self.databaseName, user: Self.databaseName)
    }

    var administration: ConnectionConfiguration {
        ConnectionConfiguration(socketDirectory: socketDirectory, database: "postgres", user: "postgres")
    }

    /// Length of `sun_path` in unix(7), less the terminator, the slash and the socket's name, `.s.PGSQL.5432`.
    private static let longestSocketDirectory = 108 - 1 - 1 - 13

    /// Makes the socket's directory. The path of one in /tmp follows from the data directory, so that a restart finds it.
    init(dataDirectory: String, account: ServerAccount) throws(EmbeddedClusterError) {
        self.dataDirectory = dataDirectory
        try Directory.checkPassage(to: dataDirectory + "/postgres", account: account)
        let inside = dataDirectory + "/socket"
        socketDirectory =
            inside.utf8.count <= Self.longestSocketDirectory
            ? inside : "/tmp/remaster-\(account.user)-\(String(Self.hash(dataDirectory), radix: 16))"
        try Directory.makePrivate(socketDirectory, account: account)
    }

    /// Major version that made the cluster; nil when there is none yet.
    func clusterVersion() -> Int? { Self.version(of: cluster) }

    /// PostgreSQL's own directory, of a data directory that nothing need be made in.
    static func cluster(in dataDirectory: String) -> String { dataDirectory + "/postgres" }

    /// Major version that made the cluster in a directory; nil when there is none.
    static func version(of cluster: String) -> Int? {
        firstLine(of: cluster + "/PG_VERSION").flatMap { Int($0) }
    }

    /// The number in the server's own lock file.
    func recordedProcess() -> pid_t? { Self.firstLine(of: processFile).flatMap { pid_t($0) } }

    /// Whether `process` is a server of this cluster: it works inside the cluster's directory.
    func isServer(_ process: pid_t) -> Bool {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = readlink("/proc/\(process)/cwd", &buffer, 4096)
        guard count > 0, let resolved = realpath(cluster, nil) else { return false }
        defer { free(resolved) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == String(cString: resolved)
    }

    /// Tells other processes where the server listens.
    func announce() {
        let path = dataDirectory + "/postgres.socket"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        write(descriptor, socketDirectory, socketDirectory.utf8.count)
        close(descriptor)
    }

    func withdraw() { unlink(dataDirectory + "/postgres.socket") }

    /// The connection that a running owner of the data directory announced.
    static func announced(in dataDirectory: String) -> ConnectionConfiguration? {
        firstLine(of: dataDirectory + "/postgres.socket").map {
            ConnectionConfiguration(socketDirectory: $0, database: databaseName, user: databaseName)
        }
    }

    private static func firstLine(of path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
