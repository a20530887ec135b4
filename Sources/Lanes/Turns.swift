import Synchronization

/// Pieces of work that wait for something, such as a database, done one after the other in the order of asking. A serial lane
/// does the same for work that blocks.
package final class Turns: Sendable {
    /// The end of the piece asked for last.
    private let last = Mutex<Task<Void, Never>?>(nil)

    package init() {}

    /// Does `work` when everything asked for before has ended, however it ended. A caller that is cancelled takes its turn all the
    /// same.
    package func take<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let turn = last.withLock { last in
            let before = last
            let mine = Task<Value, any Error> {
                _ = await before?.value
                return try await work()
            }
            last = Task { _ = await mine.result }
            return mine
        }
        return try await turn.value
    }
}
