import GPU
import Testing

@Suite struct DeviceClockTests {
    @Test("times go on where the clock begins anew", arguments: [36, 48, 63, 64])
    func wrap(bits: Int) {
        let clock = DeviceClock(validBits: bits, period: 52)
        let end = bits == 64 ? UInt64.max : (1 << UInt64(bits)) - 1
        #expect(clock.ticks(from: end - 9, to: 10) == 20)
        #expect(clock.ticks(from: 5, to: 25) == 20)
        let times = clock.times(of: ["first", "second", "first"], at: [end - 19, end, 9, 19])
        #expect(times.map(\.name) == ["first", "second"])
        #expect(times.map(\.duration) == [.nanoseconds((19 + 10) * 52), .nanoseconds(10 * 52)])
    }

    @Test("a timestamp before the one it follows counts as no time, in any number of bits", arguments: [36, 64])
    func disorder(bits: Int) {
        let clock = DeviceClock(validBits: bits, period: 1)
        #expect(clock.ticks(from: 1000, to: 999) == 0)
        #expect(clock.times(of: ["a"], at: [1000, 999]) == [StageTime(name: "a", duration: .zero)])
    }

    @Test("bits that do not count are passed over, and without any there is no time")
    func invalidBits() {
        #expect(DeviceClock(validBits: 36, period: 1).ticks(from: 3 << 40 | 1, to: 5 << 50 | 8) == 7)
        #expect(DeviceClock(validBits: 0, period: 1).ticks(from: 1, to: 9) == 0)
        #expect(DeviceClock(validBits: 0, period: 0).times(of: ["a"], at: [1, 9]) == [StageTime(name: "a", duration: .zero)])
    }

    @Test("times that are too long to tell, or are none, end no process")
    func extremes() {
        let clock = DeviceClock(validBits: 64, period: 1e9)
        #expect(clock.duration(.max) == .nanoseconds(Int64.max))
        #expect(clock.times(of: ["a", "a", "a"], at: [0, 1 << 62, 1 << 63, 3 << 62]).map(\.duration) == [.nanoseconds(Int64.max)])
        #expect(DeviceClock(validBits: 64, period: .nan).duration(5) == .zero)
        #expect(clock.times(of: ["a"], at: []) == [])
        #expect(clock.times(of: [], at: [4]) == [])
    }
}
