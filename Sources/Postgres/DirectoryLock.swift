import Glibc

/// Unique owner of a data directory among processes: an exclusive `flock` on a file in it, which the kernel lets go of when
/// its holder ends, however it ends.
struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Throws `.alreadyRunning` with the number the holder wrote down.
    static func take(directory: String) throws(EmbeddedClusterError) -> DirectoryLock {
        let path = directory + "/server.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .directory(path: path, problem: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = number(in: descriptor)
            close(descriptor)
            throw .alreadyRunning(dataDirectory: directory, process: holder)
        }
        let text = "\(getpid())\n"
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.utf8.count, 0)
        return DirectoryLock(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    private static func number(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Int32(String(decoding: bytes.prefix(max(0, count)).prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
    }
}
