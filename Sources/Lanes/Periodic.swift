/// Work that is done again and again.
package enum Periodic {
    /// Does `turn` with a pause between, until the task is cancelled. A failure ends one turn, not the work, and is told.
    ///
    /// - Parameters:
    ///   - interval: from the end of one turn to the beginning of the next.
    ///   - failed: is told of each failure but those that the end of the task brings.
    package static func run(
        every interval: Duration, failed: (any Error) -> Void, turn: () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await turn()
            } catch {
                if Task.isCancelled { return }
                failed(error)
            }
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }
}
