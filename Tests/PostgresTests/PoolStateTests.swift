import Testing

import Postgres

@Suite("Rules of the pool")
struct PoolStateTests {
    @Test("slots are given until none is left, then callers wait in order")
    func waitsInOrder() {
        var pool = PoolState(limit: 2)
        #expect(pool.acquire(waiter: 1) == .take(slot: 0))
        #expect(pool.acquire(waiter: 2) == .take(slot: 1))
        #expect(pool.acquire(waiter: 3) == .wait)
        #expect(pool.acquire(waiter: 4) == .wait)
        #expect(pool.release(slot: 1) == .hand(slot: 1, waiter: 3))
        #expect(pool.release(slot: 0) == .hand(slot: 0, waiter: 4))
        #expect(pool.release(slot: 0) == .keep)
    }

    @Test("the slot used last is used next")
    func keepsWarm() {
        var pool = PoolState(limit: 3)
        _ = pool.acquire(waiter: 1)
        _ = pool.acquire(waiter: 2)
        _ = pool.release(slot: 0)
        #expect(pool.acquire(waiter: 3) == .take(slot: 0))
    }

    @Test("a caller that withdrew is passed over")
    func withdraws() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(waiter: 1)
        _ = pool.acquire(waiter: 2)
        _ = pool.acquire(waiter: 3)
        let first = pool.withdraw(waiter: 2)
        let second = pool.withdraw(waiter: 2)
        #expect(first && !second)
        #expect(pool.release(slot: 0) == .hand(slot: 0, waiter: 3))
    }

    @Test("a closed pool refuses new callers and drops what comes back")
    func closes() {
        var pool = PoolState(limit: 2)
        _ = pool.acquire(waiter: 1)
        let (waiters, slots) = pool.close()
        #expect(waiters.isEmpty)
        #expect(slots == [1])
        #expect(pool.acquire(waiter: 2) == .refuse)
        #expect(pool.release(slot: 0) == .drop)
    }

    @Test("no slot is ever held twice, whatever the order of events", arguments: 0..<50)
    func exclusive(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        var pool = PoolState(limit: 3)
        var held: Set<Int> = []
        var waiting: Set<Int> = []
        for waiter in 0..<400 {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                switch pool.acquire(waiter: waiter) {
                case .take(let slot): #expect(held.insert(slot).inserted)
                case .wait: waiting.insert(waiter)
                case .refuse: Issue.record("an open pool refused")
                }
            case 1:
                guard let slot = held.randomElement(using: &generator) else { continue }
                switch pool.release(slot: slot) {
                case .hand(let handed, let waiter):
                    #expect(handed == slot)
                    #expect(waiting.remove(waiter) != nil)
                case .keep: held.remove(slot)
                case .drop: Issue.record("an open pool dropped a slot")
                }
            default:
                guard let waiter = waiting.randomElement(using: &generator) else { continue }
                let wasWaiting = pool.withdraw(waiter: waiter)
                #expect(wasWaiting)
                waiting.remove(waiter)
            }
            #expect(waiting.isEmpty || held.count == 3, "nobody waits while a slot is free")
        }
    }
}

/// SplitMix64: a generator with a seed, for repeatable tests.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
