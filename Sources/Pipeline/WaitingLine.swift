import Synchronization

/// Lets one task after the other through, in the order of asking. Whoever is cancelled while it stands in line leaves it.
final class WaitingLine: Sendable {
    private struct State {
        var isOccupied = false
        var waiting: [(id: Int, word: AsyncStream<Never>.Continuation)] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Returns when it is the caller's turn, who calls `leave()` at its end.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits; it then has no turn to end.
    func enter() async throws {
        let (turn, word) = AsyncStream<Never>.makeStream()
        let place: Int? = state.withLock { state in
            guard state.isOccupied else {
                state.isOccupied = true
                return nil
            }
            state.nextID += 1
            state.waiting.append((state.nextID, word))
            return state.nextID
        }
        guard let place else { return }
        for await _ in turn {}
        guard Task.isCancelled else { return }
        let hasTurn = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == place }) else { return true }
            state.waiting.remove(at: index)
            return false
        }
        if hasTurn { leave() }
        throw CancellationError()
    }

    /// Ends the turn: the next one has it.
    func leave() {
        let next = state.withLock { state -> AsyncStream<Never>.Continuation? in
            guard !state.waiting.isEmpty else {
                state.isOccupied = false
                return nil
            }
            return state.waiting.removeFirst().word
        }
        next?.finish()
    }
}
