import Foundation
import HTTP
import Logging
import Primitives
import Synchronization
import Telemetry

/// A server on a free port of the loopback, drained at the end.
func withServer(
    _ routes: RouteTable, observer: Observer = Observer(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })),
    configure: (inout HTTPServerConfiguration) -> Void = { _ in }, body: (HTTPServer) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration(addresses: ["127.0.0.1"])
    configure(&configuration)
    let router = Router(routes) { failure in
        HTTPResponse(failure.status, contentType: "text/plain", bytes: Array("\(failure.requestID) \(failure.message)".utf8))
    }
    let server = try HTTPServer.start(configuration, application: router, observer: observer)
    do {
        try await body(server)
    } catch {
        await server.drain(deadline: .zero)
        throw error
    }
    await server.drain(deadline: .seconds(10))
}

func text(_ text: String, _ status: HTTPStatus = .ok) -> HTTPResponse {
    HTTPResponse(status, contentType: "text/plain", bytes: Array(text.utf8))
}

/// Opened once; whoever waits goes on then.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// A directory of its own that is removed at the end.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("remaster-http-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// Keeps log lines for a test to look at.
struct MemoryLogHandler: LogHandler {
    final class Lines: Sendable {
        private let storage = Mutex<[String]>([])
        var all: [String] { storage.withLock { $0 } }
        func append(_ line: String) { storage.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(lines: Lines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.append("\(event.level) \(event.message) \(pairs.joined(separator: " "))")
    }
}
