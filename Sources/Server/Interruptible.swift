import ArgumentParser
import Foundation
import Synchronization

/// Work that SIGINT and SIGTERM cancel instead of ending the process under it, so that it tidies up behind itself.
enum Interruptible {
    /// The first signal cancels `work` and waits for its end; a second ends the process at once. Work that ends well all the same
    /// counts as done.
    ///
    /// - Throws: what `work` throws; after a signal `ExitCode` of 128 and its number, as shells give it.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = Signals()
        let received = Mutex<Int32?>(nil)
        let task = Task { try await work() }
        let watch = Task {
            guard let number = await signals.nextNumber() else { return }
            received.withLock { $0 = number }
            task.cancel()
            guard let second = await signals.nextNumber() else { return }
            _exit(128 + second)
        }
        defer { watch.cancel() }
        do {
            return try await task.value
        } catch {
            if let number = received.withLock({ $0 }) { throw ExitCode(128 + number) }
            throw error
        }
    }
}
