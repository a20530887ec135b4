import Glibc
import HTTP
import Testing

@Suite struct OutputQueueTests {
    @Test("a client that takes as much as it asks for, and never all, does not make the queue hold what it has taken")
    func slowAndSteady() throws {
        var ends: [Int32] = [-1, -1]
        let code = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
        try #require(code == 0)
        defer { for end in ends { close(end) } }
        var queue = OutputQueue()
        let size = 32 << 10
        var appended = 0
        func append() {
            let response = [UInt8](repeating: UInt8(truncatingIfNeeded: appended), count: size)
            queue.append { $0 += response }
            appended += 1
        }
        repeat { append() } while queue.flush(to: ends[0]) != .blocked
        // More than the socket may take one time and another.
        for _ in 0..<8 { append() }
        var response = [UInt8](repeating: 0, count: size)
        for number in 0..<400 {
            var got = 0
            while got < size {
                let count = response.withUnsafeMutableBytes { recv(ends[1], $0.baseAddress?.advanced(by: got), size - got, 0) }
                try #require(count > 0)
                got += count
            }
            #expect(response == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size), "response \(number)")
            append()
            let (outcome, waiting, held) = (queue.flush(to: ends[0]), queue.memoryBytes, queue.heldBytes)
            try #require(outcome == .blocked && waiting > 0)
            try #require(held <= 2 * waiting + 64 << 10, "\(held) bytes for \(waiting)")
        }
    }
}
