import Glibc

/// The installed server programs of PostgreSQL.
struct ServerPrograms: Equatable, Sendable {
    /// Directory of `initdb` and `postgres`.
    let directory: String
    /// Major version, from the directory's name; nil where it has none.
    let version: Int?

    var initdb: String { directory + "/initdb" }
    var postgres: String { directory + "/postgres" }

    /// Debian keeps every major version in a directory of its own; others keep one on a common path.
    private static let versionedRoot = "/usr/lib/postgresql"
    private static let commonDirectories = ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"]

    /// The programs of major version `wanted`, or the newest. Throws `.serverNotInstalled` or `.otherVersion`.
    static func find(version wanted: Int? = nil) throws(EmbeddedClusterError) -> ServerPrograms {
        let versions = Directory.names(in: versionedRoot).compactMap { Int($0) }.sorted(by: >)
        let versioned = versions.map { ServerPrograms(directory: "\(versionedRoot)/\($0)/bin", version: $0) }
        // Links to a versioned one have its version.
        let common = commonDirectories.map { ServerPrograms(directory: $0, version: nil) }.filter {
            !resolved($0.postgres).hasPrefix(versionedRoot + "/")
        }
        let installed = (versioned + common).filter { access($0.initdb, X_OK) == 0 && access($0.postgres, X_OK) == 0 }
        guard let newest = installed.first else {
            throw .serverNotInstalled(searched: ["\(versionedRoot)/*/bin"] + commonDirectories)
        }
        guard let wanted else { return newest }
        guard let match = installed.first(where: { $0.version == wanted }) ?? installed.first(where: { $0.version == nil }) else {
            throw .otherVersion(found: "\(wanted)", installed: versions.map { "\($0)" }.joined(separator: ", "))
        }
        return match
    }

    /// The file behind links; the path itself where there is none.
    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}

/// The account the server runs as.
struct ServerAccount: Equatable, Sendable {
    let user: uid_t
    let group: gid_t
    /// Whether programs must be started through `setpriv` to become this account.
    let isOther: Bool

    /// This process's own account, or `postgres` (else `nobody`) when this process is root, which the server refuses.
    static func choose() throws(EmbeddedClusterError) -> ServerAccount {
        guard geteuid() == 0 else { return ServerAccount(user: geteuid(), group: getegid(), isOther: false) }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name), entry.pointee.pw_uid != 0 {
                return ServerAccount(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid, isOther: true)
            }
        }
        throw .noUnprivilegedAccount
    }

    /// The command line that runs `arguments` as this account.
    func command(_ arguments: [String]) -> [String] {
        guard isOther else { return arguments }
        return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"] + arguments
    }
}

/// Directories of the embedded server.
enum Directory {
    /// Entries of a directory, without `.` and `..`; empty when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes a directory and those above it.
    static func make(_ path: String, mode: mode_t) throws(EmbeddedClusterError) {
        if mkdir(path, mode) == 0 { return }
        switch errno {
        case EEXIST: return
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
            try make(String(path[..<slash]), mode: 0o755)
            if mkdir(path, mode) == 0 || errno == EEXIST { return }
        default: break
        }
        throw .directory(path: path, problem: String(cString: strerror(errno)))
    }

    /// Makes a directory that only `account` may use, or checks that it is one: never a link, never anyone else's.
    static func makePrivate(_ path: String, account: ServerAccount) throws(EmbeddedClusterError) {
        let isNew = mkdir(path, 0o700) == 0
        guard isNew || errno == EEXIST else { throw .directory(path: path, problem: String(cString: strerror(errno))) }
        if isNew, account.isOther, chown(path, account.user, account.group) != 0 {
            throw .directory(path: path, problem: String(cString: strerror(errno)))
        }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw .directory(path: path, problem: "is not a directory")
        }
        guard facts.st_uid == account.user, facts.st_mode & 0o077 == 0 else {
            throw .directory(path: path, problem: "belongs to another account, or is open to others")
        }
    }

    /// Throws when `account` may not pass through a directory above `path`.
    static func checkPassage(to path: String, account: ServerAccount) throws(EmbeddedClusterError) {
        guard account.isOther else { return }
        var parent = path
        while let slash = parent.lastIndex(of: "/") {
            parent = String(parent[..<slash])
            var facts = stat()
            guard !parent.isEmpty, stat(parent, &facts) == 0 else { continue }
            let bit: mode_t =
                if facts.st_uid == account.user { 0o100 } else if facts.st_gid == account.group { 0o010 } else { 0o001 }
            if facts.st_mode & bit == 0 {
                throw .directory(
                    path: parent,
                    problem:
                        "PostgreSQL runs as user \(account.user), who may not pass: allow it (chmod o+x), or use another data directory")
            }
        }
    }
}
