import Dispatch

/// A Dispatch queue that an actor adopts as its executor, so that its blocking calls never hold a thread of the shared
/// pool. One lane for one resource: a connection, a codec, a device queue.
package final class SerialLane: SerialExecutor {
    private let queue: DispatchQueue

    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    /// Runs one blocking piece of work on the lane; nobody waits for it.
    package func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    /// Runs one blocking piece of work on the lane and resumes the caller with its result.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
