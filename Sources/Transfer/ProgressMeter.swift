import Primitives
import Synchronization

/// Adds up the bytes of all connections and reports the sum, never a smaller one than before.
final class ProgressMeter: Sendable {
    private struct State {
        var copied: Int
        var reported = -1
    }

    /// Finer steps would only cost time.
    private let step: Int
    private let total: Int
    private let report: @Sendable (TransferProgress) -> Void
    private let state: Mutex<State>

    init(copied: Int, total: Int, report: @escaping @Sendable (TransferProgress) -> Void) {
        self.total = total
        step = min(256 << 10, max(1, total / 256))
        self.report = report
        state = Mutex(State(copied: copied))
        add(0)
    }

    /// Bytes so far, of all connections and of earlier runs.
    var copied: Int { state.withLock { $0.copied } }

    /// - Parameter bytes: negative when a piece failed and its bytes do not count.
    func add(_ bytes: Int) {
        // Reported under the lock: otherwise an older sum could arrive after a newer one.
        state.withLock { state in
            state.copied += bytes
            let isStep = state.copied >= state.reported + step || state.copied == total || state.reported < 0
            guard isStep, state.copied > state.reported else { return }
            state.reported = state.copied
            report(TransferProgress(copiedBytes: state.copied, totalBytes: total))
        }
    }
}
