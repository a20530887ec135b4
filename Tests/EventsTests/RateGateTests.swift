import Domain
import Events
import Primitives
import Testing

@Suite struct RateGateTests {
    private let now = ContinuousClock.now

    @Test("A second's worth goes at once, the rest is spaced evenly") func spacing() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<8).map { _ in gate.turn(for: webhook, ratePerSecond: 4, within: .seconds(60), now: now) }
        #expect(waits == [.zero, .zero, .zero, .zero, .milliseconds(250), .milliseconds(500), .milliseconds(750), .seconds(1)])
    }

    @Test("A turn is given to whoever asks, and nobody else gets it") func reservation() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<4).map { _ in gate.turn(for: webhook, ratePerSecond: 1, within: .seconds(60), now: now) }
        #expect(waits == [.zero, .seconds(1), .seconds(2), .seconds(3)])
        #expect(gate.turn(for: webhook, ratePerSecond: 1, within: .seconds(60), now: now + .seconds(2)) == .seconds(2))
        #expect(gate.turn(for: webhook, ratePerSecond: 1, within: .seconds(60), now: now + .seconds(60)) == .zero)
    }

    @Test("Webhooks do not wait for each other") func independence() {
        let gate = RateGate()
        _ = gate.turn(for: ID<Webhook>(), ratePerSecond: 1, within: .seconds(60), now: now)
        #expect(gate.turn(for: ID<Webhook>(), ratePerSecond: 1, within: .seconds(60), now: now) == .zero)
    }

    @Test("Who cannot wait for a turn takes none from those behind") func refusal() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<20).map { _ in gate.turn(for: webhook, ratePerSecond: 1, within: .seconds(2), now: now) }
        #expect(waits == [.zero, .seconds(1), .seconds(2)] + Array(repeating: nil, count: 17))
        #expect(gate.turn(for: webhook, ratePerSecond: 1, within: .zero, now: now + .seconds(2)) == nil)
        #expect(gate.turn(for: webhook, ratePerSecond: 1, within: .zero, now: now + .seconds(3)) == .zero)
    }

    @Test("Under a steady load beyond the limit, requests go out at the limit's rate for as long as it lasts") func overload() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        var sent: [Duration] = []
        // 1.2 requests a second for 100 minutes, none of which waits for more than 5 s.
        for index in 0..<7200 {
            let arrival = Duration.microseconds(833_333 * index)
            let wait = gate.turn(for: webhook, ratePerSecond: 1, within: .seconds(5), now: now + arrival)
            if let wait { sent.append(arrival + wait) }
        }
        #expect(zip(sent, sent.dropFirst()).allSatisfy { $1 - $0 >= .seconds(1) })
        for minute in 0..<99 {
            let count = sent.count { $0 >= .seconds(60 * minute) && $0 < .seconds(60 * minute + 60) }
            #expect(59...61 ~= count, "minute \(minute)")
        }
    }
}
