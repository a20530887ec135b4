import Dispatch
import Glibc
import Logging
import Synchronization
package import Telemetry

/// Something a listener tells.
package enum DatabaseNotification: Equatable, Sendable {
    /// A NOTIFY on one of the channels.
    case received(channel: String, payload: String)
    /// The connection has been made, or made again: notifications may have been missed, so look at the tables once.
    case resumed
}

/// LISTENs on channels over a connection of its own, which is made again whenever it breaks.
package final class NotificationListener: Sendable {
    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let observer: Observer

    /// - Parameter channels: plain names, as `pg_notify` is given them.
    package init(_ configuration: ConnectionConfiguration, channels: [String], observer: Observer) {
        self.configuration = configuration
        self.channels = channels
        self.observer = observer
    }

    /// Notifications from now on, beginning with `.resumed`; ends, and closes the connection, with its consumer. Of a
    /// consumer that falls behind by more than 1024 the oldest are dropped.
    package func notifications() -> AsyncStream<DatabaseNotification> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1024)) { continuation in
            let loop = ListenerLoop(
                configuration: configuration, channels: channels, observer: observer, continuation: continuation)
            continuation.onTermination = { _ in loop.stop() }
            loop.start()
        }
    }
}

/// The connection of one listener and the readiness of its socket.
///
/// `@unchecked Sendable` because every member but the constants is touched on `queue` only.
private final class ListenerLoop: @unchecked Sendable {
    private let queue = DispatchQueue(label: "postgres.listener")
    private let configuration: ConnectionConfiguration
    private let channels: [String]
    private let observer: Observer
    private let continuation: AsyncStream<DatabaseNotification>.Continuation
    private var session: Session?
    private var source: (any DispatchSourceRead)?
    private var isStopped = false

    private static let pause: DispatchTimeInterval = .milliseconds(200)

    init(
        configuration: ConnectionConfiguration, channels: [String], observer: Observer,
        continuation: AsyncStream<DatabaseNotification>.Continuation
    ) {
        self.configuration = configuration
        self.channels = channels
        self.observer = observer
        self.continuation = continuation
    }

    func start() { queue.async { self.connect() } }

    func stop() {
        queue.async {
            self.isStopped = true
            self.disconnect()
        }
    }

    private func connect() {
        guard !isStopped else { return }
        do {
            let session = try Session(configuration)
            for channel in channels {
                try session.run(script: "LISTEN \(try session.quotedIdentifier(channel))")
            }
            // libpq closes its descriptor as soon as it sees the end of the connection, while Dispatch still watches it; the
            // number would then be another file's. So Dispatch is given a duplicate, closed when it has let go of it.
            let watched = fcntl(session.descriptor, F_DUPFD_CLOEXEC, 0)
            guard watched >= 0 else { throw PostgresError.unavailable("no descriptor is left") }
            let source = DispatchSource.makeReadSource(fileDescriptor: watched, queue: queue)
            source.setEventHandler { [weak self] in self?.read() }
            source.setCancelHandler { close(watched) }
            self.session = session
            self.source = source
            source.resume()
            continuation.yield(.resumed)
            read()
        } catch {
            observer.logger.debug("listener cannot connect", metadata: ["cause": "\(error)"])
            reconnectLater()
        }
    }

    private func read() {
        guard let session else { return }
        do {
            // Dispatch tells of a hang-up once, together with what was sent before it: read until there is nothing left, so
            // that the end of the connection is seen now or never missed.
            repeat {
                for (channel, payload) in try session.takeNotifications() {
                    continuation.yield(.received(channel: channel, payload: payload))
                }
            } while session.hasInput
        } catch {
            observer.logger.debug("listener lost its connection", metadata: ["cause": "\(error)"])
            disconnect()
            reconnectLater()
        }
    }

    private func disconnect() {
        source?.cancel()
        source = nil
        session = nil
    }

    private func reconnectLater() {
        queue.asyncAfter(deadline: .now() + Self.pause) { self.connect() }
    }
}
