import HTTP
import Synchronization
import TestSupport

/// A played S3 service with one object, which stops answering after some pieces.
final class PlayedObject: HTTPApplication {
    private struct State {
        var piecesLeft: Int
        var asked = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isReleased = false
    }

    private let content: [UInt8]
    private let state: Mutex<State>
    private let second: AsyncStream<Void>
    private let tellSecond: AsyncStream<Void>.Continuation

    /// - Parameter pieces: answered before `release()`; a range of one byte is no piece.
    init(_ content: [UInt8], pieces: Int) {
        self.content = content
        state = Mutex(State(piecesLeft: pieces))
        (second, tellSecond) = AsyncStream.makeStream()
    }

    var piecesAsked: Int { state.withLock { $0.asked } }

    /// Returns when a piece was asked for that is not answered.
    func secondPieceAsked() async { for await _ in second { return } }

    /// Answers what waits, and everything from now on.
    func release() {
        let waiting = state.withLock { state in
            state.isReleased = true
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    func serve(_ body: (_ endpoint: String) async throws -> Void) async throws {
        let server = try HTTPServer.start(
            HTTPServerConfiguration(addresses: ["127.0.0.1"]), application: self, observer: TestCluster.observer)
        do { try await body("http://127.0.0.1:\(server.port)") } catch {
            release()
            await server.drain(deadline: .zero)
            throw error
        }
        await server.drain(deadline: .zero)
    }

    func resolve(_ method: HTTPMethod, _ target: RequestTarget) -> Resolution { Resolution { await self.answer($0) } }

    func response(to failure: HTTPFailure) -> HTTPResponse { HTTPResponse(failure.status) }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard let ends = request.headers[.range]?.dropFirst(6).split(separator: "-").compactMap({ Int($0) }), ends.count == 2 else {
            return HTTPResponse(.badRequest)
        }
        if ends[0] < ends[1] { await waitForTurn() }
        let range = ends[0]..<min(ends[1] + 1, content.count)
        return HTTPResponse(
            .partialContent,
            headers: [.contentRange: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.count)", .etag: "\"v1\""],
            body: .bytes(Array(content[range])))
    }

    private func waitForTurn() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isAnswered = state.withLock { state in
                state.asked += 1
                state.piecesLeft -= 1
                if state.piecesLeft >= 0 || state.isReleased { return true }
                state.waiting.append(continuation)
                return false
            }
            if isAnswered { continuation.resume() } else { tellSecond.yield() }
        }
    }
}
