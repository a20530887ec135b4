import Dispatch
import Logging
import Synchronization
package import Telemetry

/// A bounded number of connections, made when first needed and again after the server went away.
///
/// Work is a synchronous closure that runs on the connection's lane: one hop there, one back, and no transaction is ever
/// open while something else is awaited.
package final class ConnectionPool: Sendable {
    struct State {
        var rules: PoolState
        var continuations: [Int: CheckedContinuation<Int, any Error>] = [:]
        var reads = SharedReads<WaitingRead>(carriers: 2, batch: 32)
    }

    package let configuration: ConnectionConfiguration
    /// Number of connections at most.
    package let limit: Int
    let acquireTimeout: Duration
    let slots: [PoolSlot]
    let state: Mutex<State>
    private let observer: Observer

    /// - Parameters:
    ///   - limit: connections at most, at least 1.
    ///   - acquireTimeout: how long a caller waits for a free connection, and for a server that is away to come back.
    package init(
        _ configuration: ConnectionConfiguration, limit: Int = 8, acquireTimeout: Duration = .seconds(10), observer: Observer
    ) {
        precondition(limit >= 1, "a pool has at least one connection")
        self.configuration = configuration
        self.limit = limit
        self.acquireTimeout = acquireTimeout
        self.observer = observer
        slots = (0..<limit).map { PoolSlot(configuration: configuration, index: $0) }
        state = Mutex(State(rules: PoolState(limit: limit)))
    }

    /// Lends a connection to `body`, which runs once: a statement in flight when the connection breaks is not repeated.
    @discardableResult
    package func run<Value: Sendable>(_ body: @escaping @Sendable (borrowing Connection) throws -> Value) async throws -> Value {
        let slot = try await acquire()
        do {
            let value = try await attempt(on: slot, body)
            release(slot)
            return value
        } catch {
            release(slot)
            throw error
        }
    }

    /// Runs `body` in a transaction, again from its start (up to 8 times, with growing random pauses) after a serialization
    /// failure, a deadlock, or a connection that broke before COMMIT was sent: nothing of such an attempt took effect.
    @discardableResult
    package func transaction<Value: Sendable>(
        _ isolation: Isolation = .readCommitted, _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await run { connection in try connection.transaction(isolation, body) }
            } catch let error as PostgresError where error.allowsRetry && attempt < Self.transactionAttempts {
                observer.logger.debug("transaction is repeated", metadata: ["attempt": "\(attempt)", "cause": "\(error)"])
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(5 << attempt))))
                attempt += 1
            }
        }
    }

    /// Ends all idle connections and refuses callers from now on; work under way ends normally.
    package func close() async {
        let (refused, idle) = state.withLock { state in
            let (waiters, idle) = state.rules.close()
            return (waiters.compactMap { state.continuations.removeValue(forKey: $0) }, idle)
        }
        refused.forEach { $0.resume(throwing: PostgresError.closed) }
        for index in idle { await slots[index].close() }
    }

    private static let transactionAttempts = 8
    /// Pause between attempts to reach a server that is away.
    private static let reconnectPause: Duration = .milliseconds(100)

    /// Runs `body`, waiting for a server that is away to come back. A failure to connect comes before `body`, so trying
    /// again repeats nothing.
    private func attempt<Value: Sendable>(
        on slot: Int, _ body: @escaping @Sendable (borrowing Connection) throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now + acquireTimeout
        while true {
            do {
                return try await slots[slot].run(body)
            } catch PostgresError.unavailable(let message) where ContinuousClock.now < deadline {
                observer.logger.debug("database is away", metadata: ["cause": "\(message)"])
                try await Task.sleep(for: Self.reconnectPause)
            }
        }
    }

    func acquire() async throws -> Int {
        let waiter = state.withLock { $0.rules.makeWaiter() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
                let answer: PoolState.Acquisition? = state.withLock { state in
                    if Task.isCancelled { return nil }
                    let answer = state.rules.acquire(waiter: waiter)
                    if answer == .wait { state.continuations[waiter] = continuation }
                    return answer
                }
                switch answer {
                case .take(let slot): continuation.resume(returning: slot)
                case .refuse: continuation.resume(throwing: PostgresError.closed)
                case .wait: expire(waiter)
                case nil: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            withdraw(waiter, throwing: CancellationError())
        }
    }

    private func expire(_ waiter: Int) {
        let (seconds, attoseconds) = acquireTimeout.components
        let delay = Double(seconds) + Double(attoseconds) / 1e18
        DispatchQueue.global().asyncAfter(deadline: .now() + delay) { [weak self, acquireTimeout] in
            self?.withdraw(waiter, throwing: PostgresError.timedOut(waitedFor: acquireTimeout))
        }
    }

    private func withdraw(_ waiter: Int, throwing error: any Error) {
        let continuation = state.withLock { state in
            state.rules.withdraw(waiter: waiter) ? state.continuations.removeValue(forKey: waiter) : nil
        }
        continuation?.resume(throwing: error)
    }

    func release(_ slot: Int) {
        let next = state.withLock { state -> CheckedContinuation<Int, any Error>? in
            // A slot that comes back to a closed pool ends its session with the pool itself.
            guard case .hand(_, let waiter) = state.rules.release(slot: slot) else { return nil }
            return state.continuations.removeValue(forKey: waiter)
        }
        next?.resume(returning: slot)
    }
}
