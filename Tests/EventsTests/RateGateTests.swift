import Domain
import Events
import Primitives
import Testing

@Suite struct RateGateTests {
    private let now = ContinuousClock.now

    @Test("A second's worth goes at once, the rest is spaced evenly") func spacing() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<8).map { _ in gate.turn(for: webhook, ratePerSecond: 4, now: now) }
        #expect(waits == [.zero, .zero, .zero, .zero, .milliseconds(250), .milliseconds(500), .milliseconds(750), .seconds(1)])
    }

    @Test("A turn is given to whoever asks, and nobody else gets it") func reservation() {
        let gate = RateGate()
        let webhook = ID<Webhook>()
        let waits = (0..<4).map { _ in gate.turn(for: webhook, ratePerSecond: 1, now: now) }
        #expect(waits == [.zero, .seconds(1), .seconds(2), .seconds(3)])
        #expect(gate.turn(for: webhook, ratePerSecond: 1, now: now + .seconds(2)) == .seconds(2))
        #expect(gate.turn(for: webhook, ratePerSecond: 1, now: now + .seconds(60)) == .zero)
    }

    @Test("Webhooks do not wait for each other") func independence() {
        let gate = RateGate()
        _ = gate.turn(for: ID<Webhook>(), ratePerSecond: 1, now: now)
        #expect(gate.turn(for: ID<Webhook>(), ratePerSecond: 1, now: now) == .zero)
    }
}
