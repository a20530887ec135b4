import Glibc
import Logging
import Postgres
import TestSupport
import Testing

@Suite("Embedded server", .serialized, .timeLimit(.minutes(3)))
struct EmbeddedClusterTests {
    private func settings(_ directory: TemporaryDirectory) -> EmbeddedCluster.Settings {
        var settings = EmbeddedCluster.Settings(dataDirectory: directory.path + "/data")
        settings.durability = .volatile
        return settings
    }

    private func makePool(_ cluster: EmbeddedCluster) -> ConnectionPool {
        ConnectionPool(cluster.connection, limit: 2, acquireTimeout: .seconds(30), observer: TestCluster.observer)
    }

    @Test("what is stored survives an orderly stop and a killed server, which comes back by itself")
    func survives() async throws {
        let directory = try TemporaryDirectory()
        let first = try await EmbeddedCluster.start(settings(directory), observer: TestCluster.observer)
        let firstPool = makePool(first)
        try await firstPool.run { try $0.run(unescapedScript: "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)") }
        await firstPool.close()
        await first.stop()
        #expect(kill(first.process, 0) != 0)

        let second = try await EmbeddedCluster.start(settings(directory), observer: TestCluster.observer)
        let supervisor = Task { await second.run() }
        let secondPool = makePool(second)
        try await secondPool.run { try $0.execute("INSERT INTO kept VALUES (2)") }
        let killed = second.process
        kill(killed, SIGKILL)
        while second.process == killed { await Task.yield() }
        #expect(try await secondPool.transaction { try $0.values("SELECT id FROM kept ORDER BY id", as: Int.self) } == [1, 2])
        await secondPool.close()
        await second.stop()
        await supervisor.value
    }

    @Test("a server whose owner was killed does not stand in the way of the next owner")
    func orphan() async throws {
        let directory = try TemporaryDirectory()
        let settings = settings(directory)
        // Dropping the owner without a stop is what a SIGKILL leaves: the lock is free, the server runs on.
        func abandon() async throws -> Int32 {
            let owner = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
            let pool = makePool(owner)
            try await pool.run { try $0.run(unescapedScript: "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)") }
            await pool.close()
            return owner.process
        }
        let orphan = try await abandon()
        #expect(kill(orphan, 0) == 0)
        let next = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        #expect(next.process != orphan)
        #expect(kill(orphan, 0) != 0)
        let pool = makePool(next)
        #expect(try await pool.run { try $0.values("SELECT id FROM kept", as: Int.self) } == [1])
        await pool.close()
        await next.stop()
    }

    @Test("a lock file of a process that is something else by now is no obstacle")
    func staleLockFile() async throws {
        let directory = try TemporaryDirectory()
        let settings = settings(directory)
        let first = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        await first.stop()
        let file = settings.dataDirectory + "/postgres/postmaster.pid"
        let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
        let text = "\(getpid())\n\(settings.dataDirectory)/postgres\n"
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        let second = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        await second.stop()
    }

    @Test("a second owner of the data directory is refused with the first one's number")
    func secondOwner() async throws {
        let directory = try TemporaryDirectory()
        let settings = settings(directory)
        let first = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        await #expect(throws: EmbeddedClusterError.alreadyRunning(dataDirectory: settings.dataDirectory, process: getpid())) {
            _ = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        }
        // A program beside the server finds it, and can use it.
        let connection = try #require(EmbeddedCluster.running(dataDirectory: settings.dataDirectory))
        #expect(connection == first.connection)
        await first.stop()
        #expect(EmbeddedCluster.running(dataDirectory: settings.dataDirectory) == nil)
        let next = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        await next.stop()
    }

    @Test("a data directory with a path too long for a socket works all the same")
    func longPath() async throws {
        let directory = try TemporaryDirectory()
        var settings = settings(directory)
        settings.dataDirectory += "/" + String(repeating: "long", count: 30)
        let cluster = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        let pool = makePool(cluster)
        #expect(try await pool.run { try $0.value("SELECT 1", as: Int.self) } == 1)
        await pool.close()
        await cluster.stop()
    }

    @Test("the product's role is no superuser")
    func ordinaryRole() async throws {
        let cluster = try await TestCluster.running()
        let pool = makePool(cluster)
        #expect(try await pool.run { try $0.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", as: Bool.self) } == false)
        await pool.close()
    }

    @Test("no TCP port is open, and the socket's directory is closed to others")
    func closed() async throws {
        let cluster = try await TestCluster.running()
        let pool = ConnectionPool(cluster.administration, limit: 1, observer: TestCluster.observer)
        let (addresses, directory) = try await pool.run { connection in
            (
                try connection.value("SELECT current_setting('listen_addresses')", as: String.self),
                try connection.value("SELECT current_setting('unix_socket_directories')", as: String.self)
            )
        }
        #expect(addresses == "")
        var facts = stat()
        #expect(stat(try #require(directory), &facts) == 0)
        #expect(facts.st_mode & 0o077 == 0)
        await pool.close()
    }

    @Test("the programs are those of the version that made the cluster, the newest before there is one")
    func programs() throws {
        let directory = try TemporaryDirectory()
        let newest = try EmbeddedCluster.programDirectory(dataDirectory: directory.path + "/data")
        #expect(access(newest + "/initdb", X_OK) == 0)
        try #require(mkdir(directory.path + "/postgres", 0o700) == 0)
        let descriptor = open(directory.path + "/postgres/PG_VERSION", O_WRONLY | O_CREAT, 0o600)
        #expect(write(descriptor, "7\n", 2) == 2)
        close(descriptor)
        let error = #expect(throws: EmbeddedClusterError.self) {
            try EmbeddedCluster.programDirectory(dataDirectory: directory.path)
        }
        guard case .otherVersion(let found, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == "7")
    }

    @Test("a data directory that cannot be made is refused", arguments: ["/dev/null/x", "data"])
    func impossible(path: String) async throws {
        await #expect(throws: EmbeddedClusterError.self) {
            _ = try await EmbeddedCluster.start(EmbeddedCluster.Settings(dataDirectory: path), observer: TestCluster.observer)
        }
    }
}
