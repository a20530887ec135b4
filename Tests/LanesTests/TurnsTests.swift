import Lanes
import Synchronization
import Testing

@Suite struct TurnsTests {
    private struct Broken: Error {}

    /// What the pieces of work did.
    private final class Notes: Sendable {
        let inside = Mutex(0)
        let done = Mutex<[Int]>([])
    }

    @Test("work that waits is done one piece after the other, also after one that failed", .timeLimit(.minutes(1)))
    func oneAfterTheOther() async throws {
        let turns = Turns()
        let notes = Notes()
        let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<40 {
                group.addTask {
                    do {
                        return try await turns.take {
                            let count = notes.inside.withLock {
                                $0 += 1
                                return $0
                            }
                            #expect(count == 1)
                            for _ in 0..<5 { await Task.yield() }
                            notes.inside.withLock { $0 -= 1 }
                            if index % 4 == 0 { throw Broken() }
                            return false
                        }
                    } catch is Broken { return true }
                }
            }
            return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(failures == 10)
    }

    @Test("turns come in the order of asking", .timeLimit(.minutes(1)))
    func order() async throws {
        let turns = Turns()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let (begun, tell) = AsyncStream<Void>.makeStream()
        let notes = Notes()
        async let first: Void = turns.take {
            tell.yield()
            for await _ in opened { break }
            notes.done.withLock { $0.append(0) }
        }
        for await _ in begun { break }
        async let second: Void = turns.take { notes.done.withLock { $0.append(1) } }
        open.yield()
        try await first
        try await second
        #expect(notes.done.withLock { $0 } == [0, 1])
    }
}
