import Events
import Foundation
import Testing

@Suite struct RetryScheduleTests {
    private let start = Date(timeIntervalSince1970: 1_772_625_600)

    private func delays(totalMinutes: Int, chance: Double) -> [Double] {
        let schedule = RetrySchedule()
        var now = start
        var delays: [Double] = []
        for attempt in 1...100 {
            guard
                let next = schedule.nextAttempt(
                    after: attempt, firstAttempt: start, now: now, totalMinutes: totalMinutes, chance: chance)
            else { break }
            delays.append(next.timeIntervalSince(now))
            now = next
        }
        return delays
    }

    @Test("Delays double up to half an hour, and end within the total") func doubling() {
        let delays = delays(totalMinutes: 180, chance: 0.5)
        #expect(delays.prefix(9) == [10, 20, 40, 80, 160, 320, 640, 1280, 1800])
        #expect(delays.dropFirst(9).allSatisfy { $0 == 1800 })
        #expect(delays.reduce(0, +) <= 180 * 60)
        #expect(delays.reduce(0, +) > 180 * 60 - 1800)
    }

    @Test("Jitter moves each delay by a fifth at most", arguments: [0.0, 0.25, 0.999_999])
    func jitter(chance: Double) {
        for (moved, plain) in zip(delays(totalMinutes: 60, chance: chance), delays(totalMinutes: 60, chance: 0.5)) {
            #expect(abs(moved - plain) <= plain * 0.2 + 1e-6)
        }
    }

    @Test("No total delay, no retries") func none() {
        #expect(delays(totalMinutes: 0, chance: 0.5).isEmpty)
    }

    @Test("A receiver that asks for time gets it, while the total lasts") func retryAfter() {
        let schedule = RetrySchedule()
        func next(after seconds: TimeInterval) -> Date? {
            schedule.nextAttempt(
                after: 1, firstAttempt: start, now: start, totalMinutes: 10, earliest: start.addingTimeInterval(seconds), chance: 0.5)
        }
        #expect(next(after: 60) == start.addingTimeInterval(60))
        #expect(next(after: 5) == start.addingTimeInterval(10), "not earlier than planned")
        #expect(next(after: 601) == nil)
    }

    @Test("However many attempts were made, no delay overflows") func manyAttempts() {
        let next = RetrySchedule().nextAttempt(after: .max, firstAttempt: start, now: start, totalMinutes: 1440, chance: 0.5)
        #expect(next == start.addingTimeInterval(1800))
    }
}
