import Lanes
import Synchronization
import Testing

@Suite struct PeriodicTests {
    private struct Broken: Error {}

    @Test("turns go on over a failure, which is told, until the task is cancelled", .timeLimit(.minutes(1)))
    func goesOn() async {
        let turns = Mutex(0)
        let failures = Mutex(0)
        let (reached, tell) = AsyncStream<Void>.makeStream()
        let work = Task {
            await Periodic.run(every: .milliseconds(1)) { error in
                #expect(error is Broken)
                failures.withLock { $0 += 1 }
            } turn: {
                let turn = turns.withLock {
                    $0 += 1
                    return $0
                }
                if turn == 5 { tell.yield() }
                if turn % 2 == 0 { throw Broken() }
            }
        }
        for await _ in reached { break }
        work.cancel()
        await work.value
        #expect(turns.withLock { $0 } >= 5)
        #expect(failures.withLock { $0 } >= 2)
    }

    @Test("a turn that the end of the task breaks off is no failure", .timeLimit(.minutes(1)))
    func endsQuietly() async {
        let (begun, tell) = AsyncStream<Void>.makeStream()
        let work = Task {
            await Periodic.run(every: .milliseconds(1)) { error in
                Issue.record(error)
            } turn: {
                tell.yield()
                try await Task.sleep(for: .seconds(60))
            }
        }
        for await _ in begun { break }
        work.cancel()
        await work.value
    }
}
