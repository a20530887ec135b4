import HTTP
import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct StreamingTests {
    @Test("a streamed request is read piece by piece while it arrives")
    func streamedRequest() async throws {
        let got = Gate()
        var routes = RouteTable()
        try routes.add(.put, "/upload", body: .streamed(limit: 64 << 20)) { request in
            var count = 0
            for try await chunk in request.body.chunks {
                count += chunk.count
                got.open()
            }
            return text("\(count) bytes")
        }
        try await withServer(routes) { server in
            let client = try RawClient(port: server.port)
            try await client.send("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: \((8 << 20) + 3)\r\n\r\nabc")
            await got.wait()
            try await client.send([UInt8](repeating: 66, count: 8 << 20))
            #expect(try await client.read(until: "bytes").hasSuffix("\((8 << 20) + 3) bytes"))
            try await client.send("PUT /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
            #expect(try await client.read(until: "bytes").hasSuffix("\r\n\r\n1 bytes"))
        }
    }

    @Test("a streamed request beyond its limit throws in the handler and ends as 413; a lost one throws")
    func streamedRequestFaults() async throws {
        let lost = Gate()
        var routes = RouteTable()
        try routes.add(.put, "/upload", body: .streamed(limit: 4)) { request in
            do {
                for try await _ in request.body.chunks {}
            } catch RequestBodyError.connectionLost {
                lost.open()
                throw RequestBodyError.connectionLost
            }
            return text("ok")
        }
        try await withServer(routes) { server in
            let large = try RawClient(port: server.port)
            try await large.send("PUT /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n")
            #expect(try await large.readToEnd().hasPrefix("HTTP/1.1 413"))
            let gone = try RawClient(port: server.port)
            try await gone.send("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
            gone.endInput()
            await lost.wait()
        }
    }

    @Test("a client that stops in the middle of a streamed request is answered 408, and that is no error of the server")
    func pausingClient() async throws {
        var routes = RouteTable()
        try routes.add(.put, "/upload", body: .streamed(limit: 4)) { request in
            for try await _ in request.body.chunks {}
            return text("ok")
        }
        let lines = MemoryLogHandler.Lines()
        let logger = Logger(label: "test", factory: { _ in MemoryLogHandler(lines: lines) })
        try await withServer(routes, observer: Observer(logger: logger), configure: { $0.bodyTimeout = .milliseconds(60) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(answer.contains("Connection: close\r\n"))
        }
        #expect(!lines.all.contains { $0.hasPrefix("error") })
    }

    @Test("an answer before the end of a streamed request closes the connection")
    func earlyAnswer() async throws {
        var routes = RouteTable()
        try routes.add(.put, "/upload", body: .streamed(limit: 1 << 20)) { _ in text("enough", .conflict) }
        try await withServer(routes) { server in
            let client = try RawClient(port: server.port)
            try await client.send("PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nab")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 409"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test("100 (Continue) for a streamed request comes when its handler reads, and never to who is refused before")
    func invitation() async throws {
        var routes = RouteTable()
        try routes.add(.put, "/upload", body: .streamed(limit: 1 << 20)) { request in
            guard request.headers[.authorization] != nil else { return text("no key", .unauthorized) }
            var count = 0
            for try await piece in request.body.chunks { count += piece.count }
            return text("\(count)")
        }
        try await withServer(routes) { server in
            let head = "PUT /upload HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
            let stranger = try RawClient(port: server.port)
            try await stranger.send(head + "\r\n")
            let refusal = try await stranger.readToEnd()
            #expect(refusal.hasPrefix("HTTP/1.1 401"))
            #expect(refusal.contains("Connection: close\r\n"))
            let guest = try RawClient(port: server.port)
            try await guest.send(head + "Authorization: k\r\n\r\n")
            #expect(try await guest.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await guest.send("ok")
            #expect(try await guest.read(until: "\r\n\r\n2").hasPrefix("HTTP/1.1 200"))
        }
    }

    static func streamRoutes() throws -> RouteTable {
        var routes = RouteTable()
        try routes.add(.get, "/count") { _ in
            HTTPResponse(
                .ok,
                body: .stream(ResponseStream { writer in for number in 1...3 { try await writer.write(Array("\(number);".utf8)) } }))
        }
        try routes.add(.get, "/known") { _ in
            HTTPResponse(.ok, body: .stream(ResponseStream(contentLength: 4) { try await $0.write(Array("abcd".utf8)) }))
        }
        try routes.add(.get, "/short") { _ in
            HTTPResponse(.ok, body: .stream(ResponseStream(contentLength: 9) { try await $0.write(Array("abcd".utf8)) }))
        }
        try routes.add(.get, "/broken") { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    ResponseStream { writer in
                        try await writer.write(Array("half".utf8))
                        throw RequestBodyError.connectionLost
                    }))
        }
        return routes
    }

    @Test("a stream is chunked, plain with a known length, and until the close for HTTP/1.0")
    func streamedResponse() async throws {
        try await withServer(Self.streamRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /count HTTP/1.1\r\nHost: h\r\n\r\n")
            let chunked = try await client.read(until: "0\r\n\r\n")
            #expect(chunked.contains("Transfer-Encoding: chunked\r\n"))
            #expect(chunked.hasSuffix("\r\n\r\n2\r\n1;\r\n2\r\n2;\r\n2\r\n3;\r\n0\r\n\r\n"))
            try await client.send("GET /known HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.read(until: "abcd").contains("Content-Length: 4\r\n"))
            try await client.send("HEAD /count HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
            try await client.send("GET /count HTTP/1.0\r\n\r\n")
            let old = try await client.readToEnd()
            #expect(old.hasSuffix("\r\n\r\n1;2;3;"))
            #expect(!old.contains("Transfer-Encoding"))
        }
    }

    @Test("a stream that fails or falls short never looks whole", arguments: ["/broken", "/short"])
    func brokenStream(path: String) async throws {
        try await withServer(Self.streamRoutes()) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(!answer.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("a producer waits for a slow client and learns when it is gone")
    func backPressure() async throws {
        let written = Mutex(0)
        let ended = Gate()
        var routes = RouteTable()
        try routes.add(.get, "/endless") { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    ResponseStream { writer in
                        defer { ended.open() }
                        while true {
                            try await writer.write([UInt8](repeating: 67, count: 64 << 10))
                            written.withLock { $0 += 64 << 10 }
                        }
                    }))
        }
        try await withServer(routes, configure: { $0.sendTimeout = .milliseconds(200) }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try await client.read(count: 1000)
            // Nothing more is read: socket buffers fill, then the writer stands still until the send time-out cuts it off.
            await ended.wait()
            #expect(written.withLock { $0 } < 64 << 20)
        }
    }
}
