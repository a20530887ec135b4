import HTTP
import JobQueue
import Store

/// Something that runs as long as the process: ended by `drain` (finish what you hold) or by cancellation (drop it).
protocol Service: Sendable {
    /// Returns after `drain`, or when the task is cancelled; throws when it cannot go on.
    func run() async throws
    /// Asks for the end; returns when the work that was taken is finished, or its time is up.
    func drain() async
}

/// A service without work of its own to finish: draining does not concern it, cancellation ends it.
struct BackgroundService: Service {
    let work: @Sendable () async throws -> Void

    init(_ work: @escaping @Sendable () async throws -> Void) { self.work = work }

    func run() async throws { try await work() }
    func drain() async {}
}

/// The listening server.
struct HTTPService: Service {
    let server: HTTPServer

    func run() async throws { await Forever.untilCancelled() }
    func drain() async { await server.drain(deadline: .seconds(30)) }
}

/// One of the worker pools.
struct WorkerService: Service {
    let workers: WorkerPool

    /// Enough for most segments, and less than the half minute after which Kubernetes kills: a killed worker's unit waits for its
    /// lease to run out and counts as tried, one that was handed back does neither.
    private static let patience: Duration = .seconds(20)

    /// - Throws: `WorkersEnded` when the workers cannot go on, such as without their device.
    func run() async throws {
        await workers.run()
        if let failure = workers.failure { throw WorkersEnded(failure: failure) }
    }

    func drain() async { await workers.drain(within: Self.patience) }
}

/// Ends the process with a status other than 0: its supervisor is to start it again.
struct WorkersEnded: Error, CustomStringConvertible {
    let failure: UnitFailure

    var description: String { "The workers cannot go on (\(failure)). To be started again." }
}

/// Waits without end.
enum Forever {
    static func untilCancelled() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
    }
}
