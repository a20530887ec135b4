import Domain
import Events
import Primitives
import Testing

@Suite struct RateGateTests {
    private let now = ContinuousClock.now

    @Test("A second's worth goes at once, the rest is spaced evenly") func spacing() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<8).map { _ in gate.turn(for: webhook, ratePerSecond: 4, now: now, patience: .seconds(5)).wait }
        #expect(waits == [.zero, .zero, .zero, .zero, .milliseconds(250), .milliseconds(500), .milliseconds(750), .seconds(1)])
    }

    @Test("A turn too far away is not taken, and tells how far") func patience() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        for _ in 0..<2 { _ = gate.turn(for: webhook, ratePerSecond: 1, now: now, patience: .seconds(1)) }
        let refused = gate.turn(for: webhook, ratePerSecond: 1, now: now, patience: .seconds(1))
        #expect(!refused.isTaken)
        #expect(refused.wait == .seconds(2))
        let later = gate.turn(for: webhook, ratePerSecond: 1, now: now + .seconds(2), patience: .seconds(1))
        #expect(later.isTaken && later.wait == .zero)
    }

    @Test("Webhooks do not wait for each other") func independence() {
        let gate = RateGate()
        _ = gate.turn(for: ID<Webhook>(), ratePerSecond: 1, now: now, patience: .zero)
        #expect(gate.turn(for: ID<Webhook>(), ratePerSecond: 1, now: now, patience: .zero).isTaken)
    }
}
