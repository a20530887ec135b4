import Dispatch
import Synchronization

/// A bounded first-in-first-out hand-off of owned values between two threads: its depth is the memory budget.
///
/// Both ends block, so each belongs on a lane or a thread of its own, never on the shared pool.
package final class Conduit<Element: ~Copyable & Sendable>: Sendable {
    private struct State: ~Copyable {
        var head: Node?
        var tail: Node?
        var isFinished = false
        var failure: (any Error)?
    }

    /// One queued element. Reached only under the lock of the conduit that holds it.
    private final class Node: @unchecked Sendable {
        var element: Element?
        var next: Node?
        init(_ element: consuming Element) { self.element = consume element }
    }

    private let state = Mutex(State())
    private let free: DispatchSemaphore
    private let filled = DispatchSemaphore(value: 0)

    /// - Parameter depth: elements that may wait at once, at least 1.
    package init(depth: Int) {
        precondition(depth >= 1, "a conduit holds at least one element")
        free = DispatchSemaphore(value: 0)
        for _ in 0..<depth { free.signal() }
    }

    /// Waits for room, then hands the element over. Returns false, dropping it, when the conduit has ended.
    @discardableResult
    package func send(_ element: consuming Element) -> Bool {
        free.wait()
        let node = Node(element)
        let accepted = state.withLock { state in
            guard !state.isFinished else { return false }
            if let tail = state.tail { tail.next = node } else { state.head = node }
            state.tail = node
            return true
        }
        if accepted { filled.signal() } else { free.signal() }
        return accepted
    }

    /// Waits for an element; nil once the conduit has ended and is empty. Throws what `fail` was given.
    package func receive() throws -> Element? {
        filled.wait()
        let node: Node? = try state.withLock { state in
            if let failure = state.failure {
                filled.signal()
                throw failure
            }
            guard let node = state.head else { return nil }
            state.head = node.next
            if node.next == nil { state.tail = nil }
            return node
        }
        guard let node else {
            filled.signal()  // later receivers see the end too
            return nil
        }
        free.signal()
        return node.element.take()
    }

    /// No more elements: waiting receivers drain what is there, senders are refused.
    package func finish() { end(with: nil) }

    /// Ends both sides at once: queued elements are dropped and receivers throw `error`.
    package func fail(_ error: any Error) { end(with: error) }

    private func end(with error: (any Error)?) {
        state.withLock { state in
            state.isFinished = true
            if let error, state.failure == nil {
                state.failure = error
                state.head = nil
                state.tail = nil
            }
        }
        filled.signal()
        free.signal()
    }
}
