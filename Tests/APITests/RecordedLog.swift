import Logging
import Synchronization
import Telemetry

/// What a server says in its log, for a test to look at.
final class RecordedLog: Sendable {
    private let lines = Mutex<[(level: Logger.Level, message: String)]>([])

    var observer: Observer { Observer(logger: Logger(label: "tests", factory: { _ in Handler(owner: self) })) }

    /// Messages of this level, in order, without their metadata.
    func messages(_ level: Logger.Level) -> [String] { lines.withLock { $0.filter { $0.level == level }.map(\.message) } }

    private struct Handler: LogHandler {
        let owner: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(owner: RecordedLog) { self.owner = owner }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { owner.lines.withLock { $0.append((event.level, "\(event.message)")) } }
    }
}
