import Glibc
import Logging
import Postgres
import Telemetry
import TestSupport
import Testing

/// Several programs that want one data directory at the same time.
@Suite("Waiting for a data directory", .serialized, .timeLimit(.minutes(3)))
struct DirectoryWaitTests {
    private func settings(
        _ directory: TemporaryDirectory, owner: EmbeddedCluster.Owner = .server, patience: Duration = .seconds(60)
    ) -> EmbeddedCluster.Settings {
        var settings = EmbeddedCluster.Settings(dataDirectory: directory.path + "/data")
        settings.durability = .volatile
        settings.owner = owner
        settings.patience = patience
        return settings
    }

    @Test("a server waits for a command that has the directory, and says so")
    func serverWaits() async throws {
        let directory = try TemporaryDirectory()
        let (brief, lasting, said) = (settings(directory, owner: .command), settings(directory), Said())
        let command = try await EmbeddedCluster.start(brief, observer: TestCluster.observer)
        // It will be gone in a moment: nobody is to work on its database.
        #expect(EmbeddedCluster.running(dataDirectory: brief.dataDirectory) == nil)
        let starting = Task {
            defer { said.end() }
            return try await EmbeddedCluster.start(lasting, observer: said.observer)
        }
        #expect(await said.first()?.hasPrefix("waits for the end of a command") == true)
        await command.stop()
        let server = try await starting.value
        #expect(EmbeddedCluster.running(dataDirectory: lasting.dataDirectory) == server.connection)
        await server.stop()
    }

    @Test("a command waits for the database of a server that is starting, and says so")
    func commandWaits() async throws {
        let directory = try TemporaryDirectory()
        let settings = settings(directory)
        let server = try await EmbeddedCluster.start(settings, observer: TestCluster.observer)
        // As before the announcement: the directory is taken, and nothing says where the database is.
        let (announced, hidden) = (settings.dataDirectory + "/postgres.socket", settings.dataDirectory + "/hidden")
        #expect(rename(announced, hidden) == 0)
        let said = Said()
        let joining = Task {
            defer { said.end() }
            return try await EmbeddedCluster.join(settings, observer: said.observer)
        }
        #expect(await said.first()?.hasPrefix("waits for whoever has the data directory") == true)
        #expect(rename(hidden, announced) == 0)
        guard case .running(let connection) = try await joining.value else {
            Issue.record("the command started a server of its own")
            return
        }
        #expect(connection == server.connection)
        await server.stop()
    }

    @Test("a command alone has a server of its own; another waits as long as it may and says for whom")
    func commands() async throws {
        let directory = try TemporaryDirectory()
        let alone = settings(directory)
        guard case .own(let cluster) = try await EmbeddedCluster.join(alone, observer: TestCluster.observer) else {
            Issue.record("nobody else has a server there")
            return
        }
        func refusal(after waited: Duration) -> EmbeddedClusterError {
            .stayedInUse(dataDirectory: alone.dataDirectory, process: getpid(), waited: waited)
        }
        let (hurried, patient) = (settings(directory, patience: .zero), settings(directory, patience: .milliseconds(1)))
        await #expect(throws: refusal(after: hurried.patience)) {
            _ = try await EmbeddedCluster.join(hurried, observer: TestCluster.observer)
        }
        await #expect(throws: refusal(after: patient.patience)) {
            _ = try await EmbeddedCluster.start(patient, observer: TestCluster.observer)
        }
        await cluster.stop()
    }
}

/// What a piece of work logs at `notice` and above, as it comes.
private struct Said: Sendable {
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() { (lines, continuation) = AsyncStream.makeStream() }

    var observer: Observer {
        let continuation = continuation
        return Observer(logger: Logger(label: "test", factory: { _ in Handler(continuation: continuation) }))
    }

    /// The first line; nil when the work ended without one.
    func first() async -> String? {
        for await line in lines { return line }
        return nil
    }

    /// To be called when the work is over, so that nobody waits for its lines.
    func end() { continuation.finish() }

    private struct Handler: LogHandler {
        let continuation: AsyncStream<String>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { continuation.yield("\(event.message)") }
    }
}
