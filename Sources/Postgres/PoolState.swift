/// The rules of a bounded pool: which slot goes to whom. It holds no connection and never waits.
package struct PoolState: Sendable {
    /// What a caller who asks for a slot is told.
    package enum Acquisition: Equatable { case take(slot: Int), wait, refuse }
    /// What happens to a slot that comes back.
    package enum Release: Equatable { case hand(slot: Int, waiter: Int), keep, drop }

    /// Free slots; the one used last is on top, so that a quiet pool keeps few connections warm.
    private var free: [Int]
    /// Callers without a slot, first come first served.
    private var waiting: [Int] = []
    private var nextWaiter = 0
    package private(set) var isClosed = false

    /// - Parameter limit: number of slots, at least 1.
    package init(limit: Int) { free = Array((0..<limit).reversed()) }

    /// Number of callers that wait.
    package var waitingCount: Int { waiting.count }

    /// A number by which a caller can be told apart while it waits.
    package mutating func makeWaiter() -> Int {
        nextWaiter += 1
        return nextWaiter
    }

    package mutating func acquire(waiter: Int) -> Acquisition {
        if isClosed { return .refuse }
        if let slot = free.popLast() { return .take(slot: slot) }
        waiting.append(waiter)
        return .wait
    }

    /// A free slot for who does not wait for one; nil when there is none.
    package mutating func takeFree() -> Int? { free.popLast() }

    package mutating func release(slot: Int) -> Release {
        if isClosed { return .drop }
        guard !waiting.isEmpty else {
            free.append(slot)
            return .keep
        }
        return .hand(slot: slot, waiter: waiting.removeFirst())
    }

    /// Whether the caller was still waiting; it is not served any more.
    package mutating func withdraw(waiter: Int) -> Bool {
        guard let index = waiting.firstIndex(of: waiter) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Refuses everyone from now on: gives the callers that wait and the slots that are free.
    package mutating func close() -> (waiters: [Int], slots: [Int]) {
        isClosed = true
        defer {
            waiting = []
            free = []
        }
        return (waiting, free)
    }
}
