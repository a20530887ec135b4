import Synchronization

/// An answer that is good for a moment: whoever asks meanwhile shares it, and so does whoever asks while it is still being found.
package final class RecentAnswer<Value: Sendable>: Sendable {
    private struct State {
        var task: Task<Value, any Error>?
        /// Nil while it is being found.
        var foundAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let lifetime: Duration

    /// - Parameter lifetime: from when it was found.
    package init(lifetime: Duration) { self.lifetime = lifetime }

    /// The answer, found by `find` where there is none that is young enough. A failure is told to all who have waited for it, and not kept.
    package func value(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, _ find: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let moment = now()
        let task = state.withLock { state in
            if let task = state.task, state.foundAt.map({ $0.duration(to: moment) < lifetime }) ?? true { return task }
            // Not a child of who asks first: the others go on waiting when that one goes away.
            let task = Task { [self] in
                do {
                    let value = try await find()
                    self.state.withLock { $0.foundAt = now() }
                    return value
                } catch {
                    self.state.withLock { $0.task = nil }
                    throw error
                }
            }
            state = State(task: task, foundAt: nil)
            return task
        }
        return try await task.value
    }
}
