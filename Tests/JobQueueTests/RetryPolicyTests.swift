import JobQueue
import Testing

@Suite("Rests between attempts")
struct RetryPolicyTests {
    @Test(
        "the longest rest doubles up to the cap",
        arguments: zip([1, 2, 3, 4, 8, 9, 60, 1_000_000], [2, 4, 8, 16, 256, 300, 300, 300]))
    func doubles(attempt: Int, seconds: Int) {
        #expect(RetryPolicy().longestDelay(afterAttempt: attempt) == .seconds(seconds))
    }

    @Test("jitter takes away at most half", arguments: 1...12)
    func jitter(attempt: Int) {
        var generator = SplitMix(state: UInt64(attempt))
        let longest = RetryPolicy().longestDelay(afterAttempt: attempt)
        let delays = (0..<200).map { _ in RetryPolicy().delay(afterAttempt: attempt, using: &generator) }
        #expect(delays.allSatisfy { $0 >= longest / 2 && $0 <= longest })
        #expect(Set(delays).count > 100)
    }

    @Test("transfers outlast another end that is away for two and a half minutes, within their five attempts")
    func transfers() {
        let rests = (1...4).map { RetryPolicy.transfers.longestDelay(afterAttempt: $0) }
        #expect(rests.reduce(.zero, +) == .seconds(300))
        #expect(WorkerPool.Settings(concurrency: 1).transferRetryPolicy == .transfers)
    }

    @Test("the same generator gives the same rests")
    func deterministic() {
        var first = SplitMix(state: 7)
        var second = SplitMix(state: 7)
        #expect(RetryPolicy().delay(afterAttempt: 3, using: &first) == RetryPolicy().delay(afterAttempt: 3, using: &second))
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
