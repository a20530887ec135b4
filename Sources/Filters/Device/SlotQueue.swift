import GPU
import Synchronization

/// The places of frames in flight: handed out in the order of asking.
final class SlotQueue: Sendable {
    /// A free place; the device may still be working on the frame that left it.
    struct Free: Sendable {
        let slot: Int
        let pending: Submission?
    }

    private struct State {
        var free: [Free]
        var waiting: [(id: Int, continuation: CheckedContinuation<Free, any Error>)] = []
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(free: (0..<count).map { Free(slot: $0, pending: nil) })) }

    /// A place, as soon as one is free.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    func take() async throws -> Free {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Free, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if !state.free.isEmpty { return .success(state.free.removeFirst()) }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Free, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Gives a place back, to the first who waits.
    func put(_ free: Free) {
        let waiter = state.withLock { state -> CheckedContinuation<Free, any Error>? in
            guard !state.waiting.isEmpty else {
                state.free.append(free)
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        waiter?.resume(returning: free)
    }
}
