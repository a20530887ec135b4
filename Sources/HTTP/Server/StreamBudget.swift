import Synchronization

/// Counts the bytes of a streamed body against its announced length, which the peer frames it by.
final class StreamBudget: Sendable {
    private let left: Mutex<Int?>

    /// - Parameter length: announced bytes; nil for chunks, which are not counted.
    init(_ length: Int?) { left = Mutex(length) }

    /// False when the bytes would go beyond the announced length.
    func spend(_ count: Int) -> Bool {
        left.withLock { left in
            guard let rest = left else { return true }
            guard count <= rest else { return false }
            left = rest - count
            return true
        }
    }

    /// Whether everything announced was written.
    var isSpent: Bool { left.withLock { ($0 ?? 0) == 0 } }
}
