import Synchronization

/// Counts the bytes that buffers take and refuses those that would pass the budget.
final class MemoryBudget: Sendable {
    /// Bytes that all buffers together may take.
    let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Bytes taken now.
    var inUse: Int { used.withLock { $0 } }

    /// Takes the bytes, or throws `memoryBudgetExceeded` and takes none.
    func take(_ bytes: Int) throws(GPUError) {
        let before: Int? = used.withLock { used in
            guard bytes <= limit - used else { return used }
            used += bytes
            return nil
        }
        if let before { throw .memoryBudgetExceeded(requested: bytes, inUse: before, budget: limit) }
    }

    func giveBack(_ bytes: Int) {
        used.withLock { $0 -= bytes }
    }
}
