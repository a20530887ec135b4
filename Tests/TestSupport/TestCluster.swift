import FoundationEssentials
import Glibc
import Logging
package import Postgres
import Synchronization
package import Telemetry

/// The one private PostgreSQL server of a test process: started when first asked for, ended with the process.
package enum TestCluster {
    /// Every test directory begins like this, followed by the number of its process.
    private static let prefix = "/tmp/remaster-tests-"

    private static let started = Task {
        sweep()
        var settings = EmbeddedCluster.Settings(dataDirectory: prefix + "\(getpid())")
        settings.durability = .volatile
        let cluster = try await EmbeddedCluster.start(settings, observer: observer)
        endWithProcess(cluster, directory: settings.dataDirectory)
        return cluster
    }

    /// The running server. Its durability is off: what is tested is logic, not disks.
    package static func running() async throws -> EmbeddedCluster { try await started.value }

    /// An observer that says nothing below critical.
    package static var observer: Observer {
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        return Observer(logger: logger)
    }

    private static let process = Atomic<Int32>(0)
    private static let directory = Mutex("")

    private static func endWithProcess(_ cluster: EmbeddedCluster, directory path: String) {
        process.store(cluster.process, ordering: .relaxed)
        directory.withLock { $0 = path }
        atexit {
            let server = TestCluster.process.load(ordering: .relaxed)
            kill(server, SIGQUIT)
            var status: Int32 = 0
            waitpid(server, &status, 0)
            TemporaryDirectory.remove(TestCluster.directory.withLock { $0 })
        }
    }

    /// Ends the servers of test processes that did not come to their end.
    private static func sweep() {
        let temporary = URL(fileURLWithPath: prefix).deletingLastPathComponent().path
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: temporary) {
                let path = temporary + "/" + name
                guard path.hasPrefix(prefix), let owner = pid_t(path.dropFirst(prefix.count)), kill(owner, 0) != 0 else { continue }
                if let file = FileManager.default.contents(atPath: path + "/postgres/postmaster.pid"),
                    let server = String(decoding: file, as: UTF8.self).split(separator: "\n").first.flatMap({ pid_t($0) }),
                    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(server)/cwd").hasPrefix(path)
                {
                    kill(server, SIGQUIT)
                }
                TemporaryDirectory.remove(path)
            }
        } catch {
            // Old directories are only untidy.
        }
    }
}
