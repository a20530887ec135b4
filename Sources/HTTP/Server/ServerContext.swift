import Logging
import Primitives
import Synchronization
import Telemetry

/// What all connections of one server share.
final class ServerContext: Sendable {
    private struct Census {
        var open = 0
        var refused = 0
        var isDraining = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Place of a new connection.
    enum Admission: Equatable {
        case admitted
        /// Answered 503.
        case refused
        /// Not even answered.
        case dropped
    }

    /// Connections that may be answered 503 at the same time.
    private static let maximumRefusals = 64

    let configuration: HTTPServerConfiguration
    let application: any HTTPApplication
    let observer: Observer
    let accessLog: AccessLog
    let headTimeout: UInt64
    let bodyTimeout: UInt64
    let idleTimeout: UInt64
    let sendTimeout: UInt64
    let lingerTimeout: UInt64
    private let census = Mutex(Census())

    init(_ configuration: HTTPServerConfiguration, application: any HTTPApplication, observer: Observer) {
        self.configuration = configuration
        self.application = application
        self.observer = observer
        accessLog = AccessLog(observer.logger, shownItems: configuration.loggedQueryItems)
        headTimeout = configuration.headTimeout.nanoseconds
        bodyTimeout = configuration.bodyTimeout.nanoseconds
        idleTimeout = configuration.idleTimeout.nanoseconds
        sendTimeout = configuration.sendTimeout.nanoseconds
        lingerTimeout = configuration.lingerTimeout.nanoseconds
    }

    /// A quarter of the shortest time-out, between 5 ms and half a second.
    var tick: Duration {
        let shortest = min(
            configuration.headTimeout, configuration.bodyTimeout, configuration.idleTimeout, configuration.sendTimeout,
            configuration.lingerTimeout)
        return min(max(shortest / 4, .milliseconds(5)), .milliseconds(500))
    }

    var isDraining: Bool { census.withLock { $0.isDraining } }

    func admit() -> Admission {
        census.withLock { census in
            if census.isDraining { return .dropped }
            if census.open < configuration.maximumConnections {
                census.open += 1
                return .admitted
            }
            guard census.refused < Self.maximumRefusals else { return .dropped }
            census.refused += 1
            return .refused
        }
    }

    func connectionClosed(_ admission: Admission) {
        let waiters: [CheckedContinuation<Void, Never>] = census.withLock { census in
            if admission == .admitted { census.open -= 1 } else { census.refused -= 1 }
            guard census.open + census.refused == 0 else { return [] }
            defer { census.waiters = [] }
            return census.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func beginDraining() { census.withLock { $0.isDraining = true } }

    /// Resumes once no connection is left, or with the next `releaseWaiters`.
    func waitUntilIdle(_ continuation: CheckedContinuation<Void, Never>) {
        let isIdle = census.withLock { census in
            if census.open + census.refused == 0 { return true }
            census.waiters.append(continuation)
            return false
        }
        if isIdle { continuation.resume() }
    }

    func releaseWaiters() {
        let waiters = census.withLock { census in
            defer { census.waiters = [] }
            return census.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
