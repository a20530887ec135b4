import Glibc
import Lanes
import Logging
import Telemetry

/// Makes, starts and ends the server of one cluster.
struct ClusterLauncher: Sendable {
    let layout: ClusterLayout
    let programs: ServerPrograms
    let account: ServerAccount
    let durability: EmbeddedCluster.Durability
    let observer: Observer

    /// How long a start may take, recovery after a crash included.
    private static let startLimit: Duration = .seconds(60)
    /// Pause between two looks at a server that starts.
    private static let startPause: Duration = .milliseconds(25)

    /// `initdb` into a directory beside the final one, which it becomes by rename: a start that is interrupted leaves
    /// nothing half-made that a later one would take for a cluster.
    func makeClusterIfAbsent() async throws(EmbeddedClusterError) {
        guard layout.clusterVersion() == nil else { return }
        let unfinished = layout.cluster + ".new"
        try await ChildProcess.run(["/bin/rm", "-rf", "--", unfinished, layout.cluster], log: layout.log)
        try Directory.makePrivate(unfinished, account: account)
        var arguments = [
            programs.initdb, "--pgdata", unfinished, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
        ]
        if durability == .volatile { arguments.append("--no-sync") }
        try await ChildProcess.run(account.command(arguments), log: layout.log)
        guard rename(unfinished, layout.cluster) == 0 else {
            throw .directory(path: layout.cluster, problem: String(cString: strerror(errno)))
        }
    }

    /// Ends the server that a killed owner left running, and removes a lock file nobody stands behind.
    func stopOrphan() async throws(EmbeddedClusterError) {
        guard let process = layout.recordedProcess() else { return }
        if ChildProcess.exists(process), layout.isServer(process) {
            observer.logger.notice("a database server without an owner is stopped", metadata: ["process": "\(process)"])
            await shutDown(process)
        }
        // A number that another program has by now would stop the server from starting.
        if let recorded = layout.recordedProcess(), !layout.isServer(recorded) { unlink(layout.processFile) }
    }

    /// Starts the server and waits until it accepts connections; a start that fails is repeated, because the last
    /// sessions of a killed server hold its shared memory for a moment.
    func launch() async throws(EmbeddedClusterError) -> pid_t {
        let deadline = ContinuousClock.now + Self.startLimit
        shortenLog()
        while true {
            if let recorded = layout.recordedProcess(), !layout.isServer(recorded) { unlink(layout.processFile) }
            let process = try ChildProcess.start(account.command(serverCommand), log: layout.log)
            while ContinuousClock.now < deadline {
                if await accepts() { return process }
                if ChildProcess.reap(process) != nil { break }
                await Self.rest(Self.startPause)
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                await shutDown(process)
                throw .notReady(log: LogTail.of(layout.log))
            }
            await Self.rest(.milliseconds(200))
        }
    }

    /// Fast shutdown (sessions are ended, a checkpoint is written); immediate, then by force, when it takes too long.
    func shutDown(_ process: pid_t) async {
        for (signal, limit) in [(SIGINT, Duration.seconds(20)), (SIGQUIT, .seconds(5)), (SIGKILL, .seconds(5))] {
            kill(process, signal)
            if await ProcessWatch.ended(process, within: limit) { break }
        }
        _ = ChildProcess.reap(process)
    }

    private var serverCommand: [String] {
        var settings = [
            "listen_addresses=", "unix_socket_directories=\(layout.socketDirectory)", "unix_socket_permissions=0700",
            "max_connections=200", "wal_level=minimal", "max_wal_senders=0", "jit=off", "autovacuum_naptime=10s",
            "log_min_messages=warning", "log_line_prefix=%m [%p] ", "logging_collector=off", "cluster_name=remaster",
        ]
        if durability == .volatile { settings += ["fsync=off", "full_page_writes=off"] }
        return [programs.postgres, "-D", layout.cluster, "-p", "5432"] + settings.flatMap { ["-c", $0] }
    }

    private func accepts() async -> Bool {
        let lane = SerialLane(label: "postgres.start")
        let administration = layout.administration
        do {
            try await lane.run { _ = try Session(administration) }
            return true
        } catch {
            return false
        }
    }

    /// Keeps one old log: the file is opened for appending and nothing else bounds it.
    private func shortenLog() {
        var facts = stat()
        if stat(layout.log, &facts) == 0, facts.st_size > 10_000_000 { rename(layout.log, layout.log + ".1") }
    }

    /// Waits; sooner when the task is cancelled, which the callers look for themselves.
    static func rest(_ duration: Duration) async {
        do { try await Task.sleep(for: duration) } catch { return }
    }
}
