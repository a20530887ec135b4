import Glibc

/// Whether the storage folder can be written to, and how much room there is.
extension Doctor {
    /// Free space from which on there is nothing to say, in GiB.
    private static let plenty: UInt64 = 10

    /// Looks at the folder, or at the nearest one above it that is there, which it would be made in.
    func diskCheck(_ folder: String) -> Check {
        let nearest = Self.nearestExisting(folder)
        let name = "Disk"
        func missing(_ reason: String) -> Check {
            Check(
                name: name, verdict: .missing, found: "\(folder): the account cannot write there (\(nearest) \(reason))",
                mend: "let the account that runs the server write there, or choose another folder (--storage file:DIR)")
        }
        var facts = statvfs()
        guard statvfs(nearest, &facts) == 0 else { return missing(Self.problem()) }
        guard facts.f_flag & UInt(ST_RDONLY) == 0 else { return missing("is on a read-only file system") }
        guard Self.isDirectory(nearest) else { return missing("is no folder") }
        guard access(nearest, W_OK | X_OK) == 0 else { return missing(Self.problem()) }
        guard facts.f_blocks > 0 else {
            // No disk of its own: a kernel's file system, which takes no files, or one that does not tell its size.
            if let reason = Self.refusalOfFolders(in: nearest) { return missing(reason) }
            return Check(
                name: name, verdict: .usable, found: "\(folder) is on a file system that does not tell its size",
                mend: "see yourself that there is room: a two-hour UHD job needs tens of GiB for its segments")
        }
        let (free, isBeyond) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        let gibibytes = (isBeyond ? .max : free) >> 30
        return Check(
            name: name, verdict: gibibytes >= Self.plenty ? .good : .usable, found: "\(gibibytes) GiB free at \(folder)",
            mend: gibibytes >= Self.plenty ? nil : "a two-hour UHD job needs tens of GiB for its segments")
    }

    /// The absolute path itself, or as much of it as is there.
    private static func nearestExisting(_ path: String) -> String {
        var nearest = path
        while access(nearest, F_OK) != 0, nearest != "/" {
            let slash = nearest.lastIndex(of: "/") ?? nearest.startIndex
            nearest = slash == nearest.startIndex ? "/" : String(nearest[..<slash])
        }
        return nearest
    }

    private static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Why no folder can be made in `path`; nil when one was made, which is taken away again.
    private static func refusalOfFolders(in path: String) -> String? {
        let probe = "\(path)/.remaster-doctor-\(getpid())"
        guard mkdir(probe, 0o700) == 0 else { return problem() }
        rmdir(probe)
        return nil
    }

    /// What the last call of the system ended with.
    private static func problem() -> String { String(cString: strerror(errno)) }
}
