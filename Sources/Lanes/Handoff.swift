import Synchronization

/// Moves one noncopyable value across a task boundary: put in once, taken once.
package final class Handoff<Value: ~Copyable & Sendable>: Sendable {
    private let slot: Mutex<Value?>

    package init(_ value: consuming sending Value) { slot = Mutex(value) }

    /// The value, for the first caller; nil for every later one.
    package func take() -> sending Value? {
        slot.withLock { slot in
            var taken: Value?
            swap(&taken, &slot)
            return taken
        }
    }
}
