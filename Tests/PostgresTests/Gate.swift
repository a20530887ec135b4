import Dispatch
import Synchronization

/// Holds a blocking closure until it is opened, and tells when the closure has arrived.
final class Gate: Sendable {
    private let opened = DispatchSemaphore(value: 0)
    private let arrivals: AsyncStream<Void>
    private let arrive: AsyncStream<Void>.Continuation

    init() { (arrivals, arrive) = AsyncStream.makeStream() }

    /// Blocks until the gate is opened.
    func enterAndWait() {
        arrive.yield()
        opened.wait()
    }

    /// Returns once somebody waits inside.
    func entered() async {
        for await _ in arrivals { return }
    }

    func open() { opened.signal() }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
