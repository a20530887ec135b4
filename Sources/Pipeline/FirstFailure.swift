import Synchronization

/// Keeps the first error of several lanes that bring each other down, so that the cause is reported and not an echo.
final class FirstFailure: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    func record(_ failure: any Error) {
        error.withLock { if $0 == nil { $0 = failure } }
    }

    var first: (any Error)? { error.withLock { $0 } }
}
