import Dispatch
import Foundation

/// SIGTERM and SIGINT as events; SIGPIPE is ignored, a broken connection is an error of its write.
final class Signals: Sendable {
    private let stream: AsyncStream<Int32>
    /// Kept alive for as long as signals are wanted; never touched after `init`.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(4))
        self.stream = stream
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Waits for the next signal, or for cancellation.
    func next() async { _ = await nextNumber() }

    /// Waits for the next signal and gives its number; nil after cancellation.
    func nextNumber() async -> Int32? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }
}
