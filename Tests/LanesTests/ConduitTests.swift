import Lanes
import Synchronization
import Testing

@Suite struct ConduitTests {
    private struct Broken: Error {}

    @Test("elements arrive in order, then the end, as often as asked")
    func order() throws {
        let conduit = Conduit<Int>(depth: 4)
        for value in 0..<4 { #expect(conduit.send(value)) }
        conduit.finish()
        for value in 0..<4 { #expect(try conduit.receive() == value) }
        #expect(try conduit.receive() == nil)
        #expect(try conduit.receive() == nil)
        #expect(!conduit.send(9))
    }

    @Test("a full conduit holds its sender until there is room")
    func bounded() async throws {
        let conduit = Conduit<Int>(depth: 1)
        let lane = SerialLane(label: "test.sender")
        let sent = Mutex(0)
        async let sending: Void = lane.run {
            for value in 0..<100 where conduit.send(value) { sent.withLock { $0 += 1 } }
            conduit.finish()
        }
        var received = 0
        while let value = try conduit.receive() {
            #expect(value == received)
            received += 1
            #expect(sent.withLock { $0 } <= received + 2)
        }
        try await sending
        #expect(received == 100)
    }

    @Test("a failure drops what waits and reaches the receiver")
    func failure() {
        let conduit = Conduit<Int>(depth: 2)
        conduit.send(1)
        conduit.fail(Broken())
        #expect(throws: Broken.self) { try conduit.receive() }
        #expect(!conduit.send(2))
    }
}
