import Glibc
import Logging
import Telemetry

/// Unique owner of a data directory among processes: an exclusive `flock` on a file in it, which the kernel lets go of when
/// its holder ends, however it ends.
struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// What a command adds to its number. A note without it, such as those of earlier builds, is a server's.
    private static let commandMark = "command"

    /// Throws `.alreadyRunning` when a server is the holder, else `.heldByCommand`, with the number the holder wrote down.
    static func take(directory: String, as owner: EmbeddedCluster.Owner) throws(EmbeddedClusterError) -> DirectoryLock {
        let path = directory + "/server.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .directory(path: path, problem: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let (process, isServer) = note(in: descriptor)
            close(descriptor)
            throw isServer
                ? .alreadyRunning(dataDirectory: directory, process: process) : .heldByCommand(dataDirectory: directory, process: process)
        }
        let text = owner == .server ? "\(getpid())\n" : "\(getpid()) \(commandMark)\n"
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.utf8.count, 0)
        return DirectoryLock(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// Takes it as soon as no command holds it any more; for a server that holds it there is no waiting.
    ///
    /// Throws `.stayedInUse` when a command has held it for `patience`, or `.heldByCommand` at once where that is zero.
    static func take(
        directory: String, as owner: EmbeddedCluster.Owner, patience: Duration, observer: Observer
    ) async throws(EmbeddedClusterError) -> DirectoryLock {
        let deadline = ContinuousClock.now + patience
        var isWaiting = false
        while true {
            do throws(EmbeddedClusterError) {
                return try take(directory: directory, as: owner)
            } catch {
                guard case .heldByCommand(_, let process) = error, patience > .zero, !Task.isCancelled else { throw error }
                guard ContinuousClock.now < deadline else {
                    throw .stayedInUse(dataDirectory: directory, process: process, waited: patience)
                }
                if !isWaiting {
                    observer.logger.notice(
                        "waits for the end of a command that has the data directory",
                        metadata: ["process": "\(process.map { "\($0)" } ?? "unknown")"])
                }
                isWaiting = true
            }
            await ClusterLauncher.rest(.milliseconds(100))
        }
    }

    /// Who the file says holds it. A number that no process has was left by an earlier holder: the present one has yet to write its
    /// own, and is no server as long as nobody knows.
    private static func note(in descriptor: Int32) -> (process: Int32?, isServer: Bool) {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard let process = words.first.flatMap({ Int32($0) }), ChildProcess.exists(process) else { return (nil, false) }
        return (process, words.dropFirst().first.map(String.init) != commandMark)
    }
}
