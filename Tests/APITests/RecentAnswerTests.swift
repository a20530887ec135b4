import API
import Synchronization
import Testing

@Suite struct RecentAnswerTests {
    private struct Refused: Error {}

    private final class Tally: Sendable { let count = Mutex(0) }

    @Test("Many who ask at once share one answer, and so do those who ask soon after") func sharing() async throws {
        let answer = RecentAnswer<Int>(lifetime: .seconds(3600))
        let asked = Tally()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await answer.value {
                        asked.count.withLock { $0 += 1 }
                        await Task.yield()
                        return 7
                    }
                }
            }
            for try await value in group { #expect(value == 7) }
        }
        #expect(asked.count.withLock { $0 } == 1)
    }

    @Test("An answer that is too old is found anew") func age() async throws {
        let answer = RecentAnswer<Int>(lifetime: .seconds(5))
        let start = ContinuousClock.now
        #expect(try await answer.value(now: { start }) { 1 } == 1)
        #expect(try await answer.value(now: { start + .seconds(4) }) { 2 } == 1)
        #expect(try await answer.value(now: { start + .seconds(5) }) { 3 } == 3)
        #expect(try await answer.value(now: { start + .seconds(6) }) { 4 } == 3)
    }

    @Test("A failure is told and not kept") func failure() async throws {
        let answer = RecentAnswer<Int>(lifetime: .seconds(3600))
        await #expect(throws: Refused.self) { _ = try await answer.value { throw Refused() } }
        #expect(try await answer.value { 1 } == 1)
    }
}
