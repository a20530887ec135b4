import Domain
import HTTP
import Primitives
import Synchronization
import TestSupport

/// A webhook endpoint on loopback: keeps what it is sent and answers by a script, then 204.
final class Receiver: Sendable {
    private struct State {
        var requests: [HTTPRequest] = []
        var script: [HTTPResponse] = []
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Holds the state, so that handlers do not hold the receiver.
    private final class Inbox: Sendable {
        let state = Mutex(State())

        /// Returns once answers may be sent.
        func waitForRelease() async {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isHolding { state.held.append(continuation) }
                    return !state.isHolding
                }
                if goesOn { continuation.resume() }
            }
        }

        func answer(_ request: HTTPRequest) -> HTTPResponse {
            let (response, resumed) = state.withLock { state in
                state.requests.append(request)
                let count = state.requests.count
                let resumed = state.waiters.filter { $0.count <= count }
                state.waiters.removeAll { $0.count <= count }
                return (state.script.isEmpty ? HTTPResponse(.noContent) : state.script.removeFirst(), resumed)
            }
            for waiter in resumed { waiter.continuation.resume() }
            return response
        }
    }

    private let inbox: Inbox
    private let server: HTTPServer

    var url: String { "http://127.0.0.1:\(server.port)/hook" }
    var requests: [HTTPRequest] { inbox.state.withLock { $0.requests } }

    /// - Parameter holdingAnswers: until `release`.
    init(_ script: [HTTPResponse] = [], holdingAnswers: Bool = false) throws {
        let inbox = Inbox()
        inbox.state.withLock { state in
            state.script = script
            state.isHolding = holdingAnswers
        }
        var routes = RouteTable()
        try routes.add(.post, "/hook") { request in
            let response = inbox.answer(request)
            await inbox.waitForRelease()
            return response
        }
        self.inbox = inbox
        server = try HTTPServer.start(
            HTTPServerConfiguration(addresses: ["127.0.0.1"], port: 0), application: Router(routes) { HTTPResponse($0.status) },
            observer: TestCluster.observer)
    }

    /// Returns once that many requests have come.
    func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = inbox.state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Sends the answers that were held, and holds no more.
    func release() {
        let held = inbox.state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func stop() async { await server.drain(deadline: .seconds(1)) }
}
