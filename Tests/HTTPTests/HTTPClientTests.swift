import HTTP
import Synchronization
import Testing

@Suite struct HTTPClientTests {
    static let policy = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)

    static func routes() throws -> RouteTable {
        var routes = RouteTable()
        try routes.add(.get, "/hello") { _ in text("hello") }
        try routes.add(.post, "/echo") { request in
            var answer = text("\(request.headers["X-Kind"] ?? "-"):" + String(decoding: request.body.bytes, as: UTF8.self), .accepted)
            answer.headers["X-Type"] = request.headers[.contentType] ?? "none"
            return answer
        }
        try routes.add(.get, "/large") { _ in HTTPResponse(.ok, body: .bytes([UInt8](repeating: 68, count: 100_000))) }
        try routes.add(.get, "/broken") { _ in
            HTTPResponse(.ok, body: .stream(ResponseStream(contentLength: 100) { try await $0.write([1, 2, 3]) }))
        }
        try routes.add(.get, "/to") { request in
            HTTPResponse(.found, headers: [.location: request.query("u") ?? ""], body: .bytes(Array("moved".utf8)))
        }
        try routes.add(.get, "/loop") { _ in HTTPResponse(.temporaryRedirect, headers: [.location: "/loop"]) }
        try routes.add(.get, "/headers") { request in
            text("\(request.headers[.authorization] ?? "-") \(request.headers[.range] ?? "-") \(request.headers["X-Secret"] ?? "-")")
        }
        return routes
    }

    static func withClient(_ body: (HTTPClient, String) async throws -> Void) async throws {
        try await withServer(routes()) { server in
            try await body(HTTPClient(maximumConcurrentRequests: 4), "http://127.0.0.1:\(server.port)")
        }
    }

    /// The error of a request, or nil.
    static func failure(_ client: HTTPClient, _ request: ClientRequest) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("GET, HEAD and POST carry method, fields and content")
    func methods() async throws {
        try await Self.withClient { client, base in
            let got = try await client.send(ClientRequest(.get, base + "/hello", policy: Self.policy))
            #expect(got.status == .ok && got.body == Array("hello".utf8) && got.remoteAddress == "127.0.0.1")
            let head = try await client.send(ClientRequest(.head, base + "/hello", policy: Self.policy))
            #expect(head.headers[.contentLength] == "5" && head.body.isEmpty)
            let fields: HeaderFields = ["X-Kind": "k", .contentType: "application/json"]
            let posted = try await client.send(
                ClientRequest(.post, base + "/echo", policy: Self.policy, headers: fields, body: Array("body".utf8)))
            #expect(posted.status == .accepted && posted.body == Array("k:body".utf8) && posted.headers["x-type"] == "application/json")
            let empty = try await client.send(ClientRequest(.post, base + "/echo", policy: Self.policy))
            #expect(empty.body == Array("-:".utf8) && empty.headers["x-type"] == "none")
        }
    }

    @Test("many requests at once share the client's lines")
    func concurrency() async throws {
        try await Self.withClient { client, base in
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await client.send(ClientRequest(.get, base + "/hello", policy: Self.policy)).body.count }
                }
                return try await group.reduce(0, +)
            }
            #expect(count == 200)
        }
    }

    @Test("a body beyond the limit, a broken one and a refused connection are errors of their own")
    func failures() async throws {
        try await Self.withClient { client, base in
            var large = ClientRequest(.get, base + "/large", policy: Self.policy)
            large.maximumResponseBytes = 99_999
            guard case .responseTooLarge(99_999)? = await Self.failure(client, large) else { Issue.record("large"); return }
            guard case .interrupted? = await Self.failure(client, ClientRequest(.get, base + "/broken", policy: Self.policy)) else {
                Issue.record("broken")
                return
            }
            guard
                case .cannotConnect("127.0.0.1")? = await Self.failure(
                    client, ClientRequest(.get, "http://127.0.0.1:1/", policy: Self.policy))
            else { Issue.record("connect"); return }
            let unknown = ClientRequest(.get, "http://no-such-host.invalid/", policy: Self.policy)
            guard case .unresolvable? = await Self.failure(client, unknown) else { Issue.record("resolve"); return }
            let refused = ClientRequest(.get, base + "/hello", policy: OutgoingURLPolicy())
            guard case .refused(.scheme)? = await Self.failure(client, refused) else { Issue.record("refused"); return }
        }
    }

    @Test("who waits for a free line can give up waiting")
    func waiting() async throws {
        let (entered, leave) = (Gate(), Gate())
        var routes = RouteTable()
        try routes.add(.get, "/held") { _ in
            entered.open()
            await leave.wait()
            return text("held")
        }
        try await withServer(routes) { server in
            let client = try HTTPClient(maximumConcurrentRequests: 1)
            let request = ClientRequest(.get, "http://127.0.0.1:\(server.port)/held", policy: Self.policy)
            let first = Task { try await client.send(request).status.code }
            await entered.wait()
            let second = Task { await Self.failure(client, request) }
            // Long enough to stand in the queue; where it is not, it is refused before.
            try await Task.sleep(for: .milliseconds(50))
            second.cancel()
            guard case .cancelled? = await second.value else { Issue.record("cancelled"); return }
            leave.open()
            #expect(try await first.value == 200)
            #expect(try await client.send(request).status.code == 200)
        }
    }

    @Test("a name is refused when it resolves to a loopback address, before anything is sent")
    func resolvedAddress() async throws {
        let client = try HTTPClient(maximumConcurrentRequests: 1)
        // Debian's hosts file names ::1 so; where it does not, the name does not exist.
        switch await Self.failure(client, ClientRequest(.get, "https://ip6-localhost/", policy: OutgoingURLPolicy())) {
        case .refused(.address("::1"))?, .unresolvable?: break
        case let other: Issue.record("\(String(describing: other))")
        }
    }

    @Test("silence and slowness end in time-outs, cancellation at once")
    func timeouts() async throws {
        let (entered, leave) = (Gate(), Gate())
        var routes = RouteTable()
        try routes.add(.get, "/never") { _ in
            entered.open()
            await leave.wait()
            return text("late")
        }
        try await withServer(routes) { server in
            let client = try HTTPClient()
            var request = ClientRequest(.get, "http://127.0.0.1:\(server.port)/never", policy: Self.policy)
            request.idleTimeout = .milliseconds(50)
            guard case .timedOut(.idle)? = await Self.failure(client, request) else { Issue.record("idle"); return }
            request.idleTimeout = .seconds(60)
            request.totalTimeout = .milliseconds(50)
            guard case .timedOut(.total)? = await Self.failure(client, request) else { Issue.record("total"); return }
            request.totalTimeout = nil
            let endless = request
            let task = Task { await Self.failure(client, endless) }
            await entered.wait()
            task.cancel()
            guard case .cancelled? = await task.value else { Issue.record("cancelled"); return }
            leave.open()
        }
    }

    @Test("redirects are responses unless they are to be followed; each hop is checked again")
    func redirects() async throws {
        try await Self.withClient { client, base in
            func get(_ target: String, hops: Int) -> ClientRequest {
                var request = ClientRequest(.get, base + target, policy: Self.policy)
                request.maximumRedirects = hops
                return request
            }
            let plain = try await client.send(get("/to?u=/hello", hops: 0))
            #expect(plain.status == .found && plain.body == Array("moved".utf8))
            for location in ["/hello", "hello", "\(base)/hello", base.replacing("http:", with: "") + "/hello"] {
                let followed = try await client.send(get("/to?u=\(location)", hops: 2))
                #expect(followed.body == Array("hello".utf8), "\(location)")
                #expect(followed.url.pathAndQuery == "/hello")
            }
            guard case .tooManyRedirects(3)? = await Self.failure(client, get("/loop", hops: 3)) else { Issue.record("loop"); return }
            for location in ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/x", "http://a@127.0.0.1/", "//2130706433/"] {
                guard case .refused? = await Self.failure(client, get("/to?u=\(location)", hops: 3)) else {
                    Issue.record("\(location)"); return
                }
            }
        }
    }

    @Test("credentials do not follow a redirect to another origin")
    func credentials() async throws {
        try await Self.withClient { client, base in
            try await withServer(Self.routes()) { other in
                var request = ClientRequest(
                    .get, base + "/to?u=http://127.0.0.1:\(other.port)/headers", policy: Self.policy,
                    headers: [.authorization: "Basic x", .range: "bytes=0-1", "X-Secret": "s"])
                request.maximumRedirects = 1
                let elsewhere = try await client.send(request)
                #expect(elsewhere.body == Array("- bytes=0-1 -".utf8))
                request.url = base + "/to?u=/headers"
                let same = try await client.send(request)
                #expect(same.body == Array("Basic x bytes=0-1 s".utf8))
            }
        }
    }

    @Test("a streamed response arrives in pieces, and its receiver may refuse it by its head or in the middle")
    func streaming() async throws {
        struct Enough: Error {}
        try await Self.withClient { client, base in
            let count = Mutex(0)
            let request = ClientRequest(.get, base + "/large", policy: Self.policy)
            let response = try await client.stream(
                request, to: ResponseReceiver(onBytes: { bytes in count.withLock { $0 += bytes.byteCount } }))
            #expect(response.status == .ok && response.body.isEmpty && count.withLock { $0 } == 100_000)
            for receiver in [
                ResponseReceiver(onHead: { _ in throw Enough() }, onBytes: { _ in }), ResponseReceiver(onBytes: { _ in throw Enough() }),
            ] {
                do throws(HTTPClientError) {
                    _ = try await client.stream(request, to: receiver)
                    Issue.record("not stopped")
                } catch {
                    guard case .stopped(by: is Enough) = error else { Issue.record("\(error)"); return }
                }
            }
        }
    }
}
