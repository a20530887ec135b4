import JobQueue
import Testing

@Suite("What a reaper knows of an outage")
struct OutageTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test("it reaches from the last look that could write to the second that can again")
    func span() {
        var outage = Outage()
        for second in [0, 5, 10] {
            outage.couldWrite(at(second))
            #expect(outage.unableSince == nil)
        }
        for second in [15, 20, 60] {
            outage.couldNotWrite(at(second))
            #expect(outage.unableSince == at(10))
        }
        outage.couldWrite(at(65))
        #expect(outage.unableSince == at(10))
        outage.couldWrite(at(70))
        #expect(outage.unableSince == nil)
        outage.couldNotWrite(at(75))
        #expect(outage.unableSince == at(70))
    }

    @Test("one that comes back at once is the same")
    func relapse() {
        var outage = Outage()
        outage.couldWrite(at(0))
        outage.couldNotWrite(at(5))
        outage.couldWrite(at(10))
        outage.couldNotWrite(at(15))
        outage.couldWrite(at(20))
        #expect(outage.unableSince == at(0))
        outage.couldWrite(at(25))
        #expect(outage.unableSince == nil)
    }

    @Test("a process that has just begun excuses nothing that ran out before")
    func fresh() {
        var outage = Outage()
        #expect(outage.unableSince == nil)
        outage.couldNotWrite(at(3))
        #expect(outage.unableSince == at(3))
    }
}
