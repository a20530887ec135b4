import JobQueue
import Store
import Testing

@Suite("Rules of a lease")
struct LeaseStateMachineTests {
    typealias Machine = LeaseStateMachine<ContinuousClock.Instant>

    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func machine() -> Machine {
        Machine(takenAt: start, duration: .seconds(30), interval: .seconds(10), progressInterval: .seconds(1))
    }

    @Test("it rests until a renewal is due, looking for news every second")
    func rests() {
        #expect(machine().tick(now: at(0), hasNews: false) == .rest(until: at(1)))
        #expect(machine().tick(now: at(9.5), hasNews: false) == .rest(until: at(10)))
        #expect(machine().tick(now: at(10), hasNews: false) == .renew)
    }

    @Test("news are sent after a second, not before")
    func news() {
        #expect(machine().tick(now: at(0.5), hasNews: true) == .rest(until: at(1)))
        #expect(machine().tick(now: at(1), hasNews: true) == .renew)
    }

    @Test("a renewal holds for the whole duration, counted from when it was sent")
    func renewal() {
        var machine = machine()
        machine.answered(.held, sentAt: at(10))
        #expect(machine.state == .held(until: at(40)))
        #expect(machine.tick(now: at(39.9), hasNews: false) == .renew)
        #expect(machine.tick(now: at(40), hasNews: false) == .abandon(.lost))
    }

    @Test("an unanswered renewal is sent again a second later, until the lease is over")
    func unanswered() {
        var machine = machine()
        machine.unanswered(sentAt: at(10))
        #expect(machine.tick(now: at(10.5), hasNews: false) == .rest(until: at(11)))
        #expect(machine.tick(now: at(11), hasNews: false) == .renew)
        machine.unanswered(sentAt: at(29))
        #expect(machine.tick(now: at(29.5), hasNews: false) == .rest(until: at(30)))
        #expect(machine.tick(now: at(30), hasNews: true) == .abandon(.lost))
    }

    @Test("an ended lease stays ended, whatever is answered later", arguments: [HeartbeatAnswer.lost, .cancelled])
    func ended(answer: HeartbeatAnswer) {
        var machine = machine()
        machine.answered(answer, sentAt: at(10))
        let ending: Machine.Ending = answer == .lost ? .lost : .cancelled
        #expect(machine.state == .over(ending))
        machine.answered(.held, sentAt: at(11))
        machine.cancelled()
        #expect(machine.state == .over(ending))
        #expect(machine.tick(now: at(12), hasNews: true) == .abandon(ending))
    }

    @Test("word of a cancellation ends it at once")
    func cancelled() {
        var machine = machine()
        machine.cancelled()
        #expect(machine.tick(now: at(0), hasNews: false) == .abandon(.cancelled))
    }
}
