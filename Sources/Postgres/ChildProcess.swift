import CPostgres
import Dispatch
import Glibc

/// Starting and watching programs by number: what an embedded server needs, and no more.
enum ChildProcess {
    /// How a program ended.
    enum Exit: Equatable, Sendable { case status(Int32), signal(Int32) }

    /// Starts `arguments[0]` in a session of its own, so that a terminal's interrupt does not reach it, with standard input
    /// empty and both outputs appended to the file `log`. Throws the errno.
    static func start(_ arguments: [String], log: String) throws(EmbeddedClusterError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, "/")

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Blocked or ignored signals of ours must not make the child deaf.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, cpostgres_spawn_flags)

        let argv = strings(arguments)
        let environment = strings(["PATH=/usr/bin:/bin", "LC_ALL=C"])
        defer { (argv + environment).forEach { free($0) } }
        var process = pid_t()
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, argv, environment)
        guard code == 0 else { throw .cannotStart(program: arguments[0], errno: code) }
        return process
    }

    /// A null-terminated vector of copies, for the caller to free.
    private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { (text: String) -> UnsafeMutablePointer<CChar>? in strdup(text) } + [nil]
    }

    /// Runs a program to its end, off the shared pool. Throws `.programFailed` with the end of the log for any exit but 0.
    static func run(_ arguments: [String], log: String) async throws(EmbeddedClusterError) {
        let process = try start(arguments, log: log)
        await ProcessWatch.ended(process)
        let exit = reap(process)
        guard exit == .status(0) else {
            throw .programFailed(program: arguments[0], exit: "\(exit.map { "\($0)" } ?? "unknown")", log: LogTail.of(log))
        }
    }

    /// Collects a child that has ended; nil when it has not, or is no child of ours.
    static func reap(_ process: pid_t) -> Exit? {
        var status: Int32 = 0
        var collected: pid_t
        repeat { collected = waitpid(process, &status, WNOHANG) } while collected < 0 && errno == EINTR
        guard collected == process else { return nil }
        // wait(2): the low seven bits are the signal, the next byte is the exit status.
        return status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
    }

    /// Whether a process with this number exists; one that has ended but was not collected still does.
    static func exists(_ process: pid_t) -> Bool { kill(process, 0) == 0 || errno == EPERM }
}

/// Waits for the end of processes, children or not, by their descriptors.
enum ProcessWatch {
    /// Returns when the process has ended, or `limit` has passed; returns whether it ended.
    @discardableResult
    static func ended(_ process: pid_t, within limit: Duration? = nil) async -> Bool {
        let descriptor = cpostgres_pidfd_open(process)
        guard descriptor >= 0 else { return true }  // ESRCH: gone already
        let queue = DispatchQueue(label: "postgres.process")
        // Dispatch sources may be cancelled from any thread; nothing else is done to it off its queue.
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        let events = AsyncStream<Bool> { continuation in
            source.setEventHandler { continuation.yield(true) }
            source.setCancelHandler { close(descriptor) }
            continuation.onTermination = { _ in source.cancel() }
            if let limit {
                let (seconds, attoseconds) = limit.components
                queue.asyncAfter(deadline: .now() + Double(seconds) + Double(attoseconds) / 1e18) { continuation.yield(false) }
            }
            source.resume()
        }
        for await hasEnded in events { return hasEnded }
        return false  // the waiting task was cancelled
    }
}

/// The end of a log file, for error reports.
enum LogTail {
    /// The last 2,000 bytes of the file, as text; empty when it cannot be read.
    static func of(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = pread(descriptor, &bytes, bytes.count, max(0, end - 2000))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
