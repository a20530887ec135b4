import HTTP
import Logging
import Primitives
import Synchronization
import Telemetry
import Testing

@Suite struct HTTPServerTests {
    static func echoRoutes() throws -> RouteTable {
        var routes = RouteTable()
        try routes.add(.get, "/hello") { _ in text("hello") }
        try routes.add(.get, "/later") { _ in
            await Task.yield()
            return text("later")
        }
        try routes.add(.post, "/echo", body: .collected(limit: 64)) { text(String(decoding: $0.body.bytes, as: UTF8.self)) }
        try routes.add(.get, "/throws") { _ in throw RouteError.malformed(template: "secret detail") }
        try routes.add(.delete, "/v1/videos/{videoId}") { text(try $0.parameters.value("videoId", as: ID<String>.self).description) }
        return routes
    }

    @Test("pipelined requests are answered in order, whether their handlers wait or not")
    func pipelining() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            let get = "GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
            try await client.send(
                String(repeating: get, count: 50) + "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlast")
            let answer = try await client.readToEnd()
            let bodies = answer.components("\r\n\r\n").dropFirst().map { $0.components("HTTP/1.1")[0] }
            #expect(bodies == Array(repeating: ["later", "hello"], count: 50).flatMap { $0 } + ["last"])
            #expect(answer.components("Connection: close").count == 2)
        }
    }

    @Test("a request may arrive byte by byte")
    func byteByByte() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            for byte in "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n".utf8 {
                try await client.send([byte])
            }
            #expect(try await client.read(until: "abcd").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("HEAD has the length of GET and no content; OPTIONS and 405 list the methods; unknown paths are 404")
    func genericMethods() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\nOPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n")
            let head = try await client.read(until: "\r\n\r\n")
            #expect(head.contains("Content-Length: 5\r\n"))
            let options = try await client.read(until: "\r\n\r\n")
            #expect(options.hasPrefix("HTTP/1.1 204 No Content\r\n"))
            #expect(options.contains("Allow: OPTIONS, POST\r\n"))
            #expect(!options.contains("Content-Length"))
            try await client.send("PUT /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")
            let refused = try await client.read(until: "OPTIONS.")
            #expect(refused.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
            #expect(refused.contains("Allow: GET, HEAD, OPTIONS\r\n"))
            try await client.send("GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test("path parameters are typed; an error in a handler is a 500 without its text")
    func handlerErrors() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            let id = ID<String>()
            try await client.send("DELETE /v1/videos/\(id) HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.read(until: "\(id)").hasPrefix("HTTP/1.1 200"))
            try await client.send("GET /throws HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 500"))
            #expect(!answer.contains("secret"))
        }
    }

    @Test("a framing error is answered and the connection closed, even while the client goes on sending")
    func framingError() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await client.send([UInt8](repeating: 65, count: 1 << 20))
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.components("HTTP/1.1").count == 2)
        }
    }

    @Test("content beyond the route's limit is 413, announced or chunked")
    func bodyLimit() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let announced = try RawClient(port: server.port)
            try await announced.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 65\r\n\r\n")
            #expect(try await announced.readToEnd().hasPrefix("HTTP/1.1 413"))
            let chunked = try RawClient(port: server.port)
            try await chunked.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n")
            #expect(try await chunked.readToEnd().hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("100 (Continue) is sent when the content is wanted, and not when it would be refused")
    func expectContinue() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("ok")
            #expect(try await client.read(until: "ok").hasPrefix("HTTP/1.1 200"))
            try await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n")
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 413"))
            let other = try RawClient(port: server.port)
            try await other.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n")
            #expect(try await other.readToEnd().hasPrefix("HTTP/1.1 417"))
        }
    }

    @Test("a slow head and a slow content are 408; a silent connection is closed without a word")
    func timeouts() async throws {
        let short: (inout HTTPServerConfiguration) -> Void = {
            ($0.headTimeout, $0.bodyTimeout, $0.idleTimeout) = (.milliseconds(60), .milliseconds(60), .milliseconds(60))
        }
        try await withServer(Self.echoRoutes(), configure: short) { server in
            let head = try RawClient(port: server.port)
            try await head.send("GET /hello HTTP/1.1\r\nHos")
            #expect(try await head.readToEnd().hasPrefix("HTTP/1.1 408"))
            let content = try RawClient(port: server.port)
            try await content.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            #expect(try await content.readToEnd().hasPrefix("HTTP/1.1 408"))
            let silent = try RawClient(port: server.port)
            #expect(try await silent.readToEnd() == "")
        }
    }

    @Test("HTTP/1.0 closes by itself and keeps alive when asked")
    func oldVersion() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.read(until: "hello").contains("Connection: keep-alive\r\n"))
            try await client.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(try await client.readToEnd().hasSuffix("hello"))
        }
    }

    @Test("a client that ends its side after the request still gets the answer")
    func halfClose() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n")
            client.endInput()
            #expect(try await client.readToEnd().hasSuffix("later"))
            let half = try RawClient(port: server.port)
            try await half.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
            half.endInput()
            #expect(try await half.readToEnd() == "")
        }
    }

    @Test("beyond the connection cap a client is told so")
    func connectionCap() async throws {
        try await withServer(Self.echoRoutes(), configure: { $0.maximumConnections = 1 }) { server in
            let first = try RawClient(port: server.port)
            try await first.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await first.read(until: "hello")
            let second = try RawClient(port: server.port)
            #expect(try await second.readToEnd().hasPrefix("HTTP/1.1 503"))
            try await first.send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try await first.readToEnd().hasSuffix("hello"))
        }
    }

    @Test("a drain ends idle connections at once, lets requests finish and takes no new ones")
    func drain() async throws {
        let (entered, leave) = (Gate(), Gate())
        var routes = RouteTable()
        try routes.add(.get, "/slow") { _ in
            entered.open()
            await leave.wait()
            return text("done")
        }
        try routes.add(.get, "/events") { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    ResponseStream(onDrain: .cancel) { writer in
                        try await writer.write(Array("data: 1\n\n".utf8))
                        try await Task.sleep(for: .seconds(3600))
                    }))
        }
        let server = try HTTPServer.start(
            HTTPServerConfiguration(addresses: ["127.0.0.1"]), application: Router(routes) { text($0.message, $0.status) },
            observer: Observer(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let (idle, busy, events) = (
            try RawClient(port: server.port), try RawClient(port: server.port), try RawClient(port: server.port)
        )
        try await idle.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try await idle.read(until: "path.")
        try await events.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try await events.read(until: "data: 1\n\n\r\n")
        try await busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        await entered.wait()
        async let drained: Void = server.drain(deadline: .seconds(30))
        #expect(try await idle.readToEnd() == "")
        #expect(try await events.readToEnd() == "0\r\n\r\n")
        leave.open()
        let answer = try await busy.readToEnd()
        #expect(answer.hasSuffix("done"))
        #expect(answer.contains("Connection: close\r\n"))
        await drained
        #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
    }

    @Test(
        "what does not end within the deadline of a drain is dropped, and its handler cancelled",
        arguments: [Duration.zero, .milliseconds(1), .milliseconds(50)])
    func drainDeadline(_ deadline: Duration) async throws {
        let (entered, cancelled) = (Gate(), Gate())
        var routes = RouteTable()
        try routes.add(.get, "/stuck") { _ in
            entered.open()
            do { try await Task.sleep(for: .seconds(3600)) } catch { cancelled.open() }
            return text("late")
        }
        try await withServer(routes) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n")
            await entered.wait()
            await server.drain(deadline: deadline)
            await cancelled.wait()
            #expect(try await client.readToEnd() == "")
        }
    }

    @Test("one listener serves IPv4 and IPv6, and reports IPv4 clients by their plain address")
    func dualStack() async throws {
        var routes = RouteTable()
        try routes.add(.get, "/who") { text($0.remoteAddress + "!") }
        try await withServer(routes, configure: { $0.addresses = ["::"] }) { server in
            for host in ["127.0.0.1", "::1"] {
                let client = try RawClient(port: server.port, host: host)
                try await client.send("GET /who HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await client.read(until: "!").hasSuffix("\r\n\r\n\(host)!"))
            }
        }
    }

    @Test("the access log has one line per request and no secret of a query")
    func accessLog() async throws {
        let lines = MemoryLogHandler.Lines()
        let logger = Logger(label: "test", factory: { _ in MemoryLogHandler(lines: lines) })
        let shown: (inout HTTPServerConfiguration) -> Void = { $0.loggedQueryItems = ["pageSize"] }
        try await withServer(Self.echoRoutes(), observer: Observer(logger: logger), configure: shown) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /hello?signature=topsecret&pageSize=5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            _ = try await client.readToEnd()
        }
        #expect(lines.all.count == 1)
        let line = try #require(lines.all.first)
        #expect(line.contains("target=/hello?signature=…&pageSize=5"))
        #expect(line.contains("status=200") && line.contains("bytes=5") && line.contains("method=GET") && line.contains("requestId="))
    }

    @Test("a port that is taken is a typed error")
    func takenPort() async throws {
        try await withServer(Self.echoRoutes()) { server in
            let configuration = HTTPServerConfiguration(addresses: ["127.0.0.1"], port: server.port)
            #expect(throws: HTTPServerError.self) {
                try HTTPServer.start(
                    configuration, application: Router(RouteTable()) { text($0.message, $0.status) },
                    observer: Observer(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
            }
        }
    }
}

extension String {
    /// The parts between occurrences of the text.
    func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
