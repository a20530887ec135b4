import HTTP
import Testing

@Suite struct RequestDecoderTests {
    @Test("a plain request has a head and an end")
    func plain() throws {
        let events = events(of: "GET /v1/videos?pageSize=5 HTTP/1.1\r\nHost: a.example\r\nX-API-Key:  k  \r\n\r\n")
        let head = try #require(events.heads.first)
        #expect(head.method == .get)
        #expect(head.target.segments == ["v1", "videos"])
        #expect(head.target.query == [QueryItem(name: "pageSize", value: "5")])
        #expect(head.headers["x-api-key"] == "k")
        #expect(head.keepsAlive)
        #expect(events.completed == 1)
    }

    @Test("pipelined requests come out in order")
    func pipelined() {
        let text =
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
            + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        let events = events(of: text)
        #expect(events.heads.map(\.target.path) == ["/a", "/b", "/c"])
        #expect(events.content == "abcde")
        #expect(events.completed == 3)
    }

    @Test("chunks, extensions and trailers are read; trailers stay apart")
    func chunked() throws {
        let events = events(
            of: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "3;name=\"a b\";x\r\nabc\r\n00A\r\n0123456789\r\n0\r\nDigest: xyz\r\n\r\n")
        #expect(events.content == "abc0123456789")
        guard case .end(let trailers)? = events.last else {
            Issue.record("no end")
            return
        }
        #expect(trailers["digest"] == "xyz")
        #expect(events.heads.first?.headers["digest"] == nil)
    }

    @Test("the absolute form gives its authority to Host")
    func absoluteForm() throws {
        let head = try #require(events(of: "GET http://real.example:81/x?y HTTP/1.1\r\nHost: other\r\n\r\n").heads.first)
        #expect(head.target.text == "/x?y")
        #expect(head.headers[.host] == "real.example:81")
        #expect(events(of: "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").heads.first?.target.text == "/")
        #expect(events(of: "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").heads.first?.target.text == "*")
    }

    @Test(
        "of a refused head its method and path are told, harmless and cut",
        arguments: [
            ("GET /api/v1/a<b\u{e9}?secret=1 HTTP/1.1\r\n", "GET", "/api/v1/a%3Cb%C3%A9"), ("GET /a/../b HTTP/1.1\r\n", "GET", "/a/../b"),
            ("PATCH /a%zz HTTP/1.1\r\n", "PATCH", "/a%zz"), ("GET /a\u{1b}[2J\"\\ HTTP/1.1\r\n", "GET", "/a%1B[2J%22%5C"),
            ("GET /a b HTTP/1.1\r\n", "GET", "/a"), ("CONNECT a.example:443 HTTP/1.1\r\n", "CONNECT", "a.example:443"),
            ("GET /a\n", "GET", "/a"), ("GET /v1/videos?x=1 HTTP/1.1\r\n\r\n", "GET", "/v1/videos"),
            ("GET /v1/videos HTTP/1.1\r\nHost: h\r\nbad name: 1\r\n", "GET", "/v1/videos"), ("\u{16}\u{3}\u{1}", nil, nil),
            ("GET", nil, nil), ("nonsense\r\n", nil, nil),
            ("GET /" + String(repeating: "<", count: 9000), "GET", "/" + String(repeating: "%3C", count: 255) + "…"),
        ])
    func refusedHead(text: String, method: String?, path: String?) {
        for size in [1, 7, 100_000] {
            var decoder = RequestDecoder()
            var isRefused = false
            for start in stride(from: 0, to: text.utf8.count, by: size) where !isRefused {
                decoder.feed(Array(text.utf8.dropFirst(start).prefix(size)))
                while let event = decoder.next() { if case .fault = event { isRefused = true } }
            }
            #expect(isRefused || text == "GET")
            #expect(decoder.refusedHead?.method?.description == method)
            #expect(decoder.refusedHead?.path == path)
        }
    }

    @Test("one empty line before a request is skipped")
    func emptyLine() {
        #expect(events(of: "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").completed == 1)
        #expect(events(of: "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").fault == .requestLine)
    }

    @Test(
        "HTTP/1.0 and Connection decide about the next request",
        arguments: [
            ("HTTP/1.1\r\nHost: h", true), ("HTTP/1.1\r\nHost: h\r\nConnection: x, Close", false), ("HTTP/1.0", false),
            ("HTTP/1.0\r\nConnection: keep-alive", true), ("HTTP/1.0\r\nConnection: keep-alive, close", false),
            ("HTTP/1.9\r\nHost: h", true),
        ])
    func keepAlive(text: String, keepsAlive: Bool) {
        #expect(events(of: "GET / \(text)\r\n\r\n").heads.first?.keepsAlive == keepsAlive)
    }

    @Test("an expectation is passed on in HTTP/1.1 only")
    func expectation() {
        let tail = "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        #expect(events(of: "PUT / HTTP/1.1\r\nHost: h\r\n" + tail).heads.first?.expectsContinue == true)
        #expect(events(of: "PUT / HTTP/1.0\r\n" + tail).heads.first?.expectsContinue == false)
        #expect(events(of: "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\n\r\n").fault == .expectation)
    }

    static let faults: [(String, RequestFault)] = [
        ("GET /\r\n\r\n", .requestLine), ("GET  / HTTP/1.1\r\n\r\n", .requestLine), (" GET / HTTP/1.1\r\n\r\n", .requestLine),
        ("G@T / HTTP/1.1\r\n\r\n", .requestLine), ("GET / HTTP/1.1 \r\n\r\n", .requestLine), ("GET / http/1.1\r\n\r\n", .requestLine),
        ("GET /\tHTTP/1.1\r\n\r\n", .requestLine), ("\u{16}\u{3}\u{1}", .requestLine), ("GET / HTTP/11\r\n\r\n", .requestLine),
        ("GET / HTTP/2.0\r\n\r\n", .unsupportedVersion), ("GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", .unsupportedMethod),
        ("GET x HTTP/1.1\r\n\r\n", .target), ("GET * HTTP/1.1\r\n\r\n", .target), ("GET ftp://h/ HTTP/1.1\r\n\r\n", .target),
        ("GET /%zz HTTP/1.1\r\n\r\n", .target), ("GET /%0 HTTP/1.1\r\n\r\n", .target), ("GET /%00 HTTP/1.1\r\n\r\n", .target),
        ("GET /%ff HTTP/1.1\r\n\r\n", .target), ("GET /a/../b HTTP/1.1\r\n\r\n", .target), ("GET /%2e%2E/b HTTP/1.1\r\n\r\n", .target),
        ("GET /a#b HTTP/1.1\r\n\r\n", .target), ("GET /\"a HTTP/1.1\r\n\r\n", .target), ("GET http:///x HTTP/1.1\r\n\r\n", .target),
        ("GET http://a@b@/x HTTP/1.1\r\n\r\n", .target),
        ("GET / HTTP/1.1\nHost: h\r\n\r\n", .lineEnding), ("GET / HTTP/1.1\r\nHost: h\n\r\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost: h\r\n\n", .lineEnding), ("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost: h\r\nX\r: y\r\n\r\n", .lineEnding),
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", .fieldName), ("GET / HTTP/1.1\r\n: h\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", .fieldName), ("GET / HTTP/1.1\r\nX\u{7f}: h\r\n\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nX: a\u{0}b\r\n\r\n", .fieldValue), ("GET / HTTP/1.1\r\nX: a\u{1b}b\r\n\r\n", .fieldValue),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", .obsoleteFolding), ("GET / HTTP/1.1\r\n Host: h\r\n\r\n", .obsoleteFolding),
        ("GET / HTTP/1.1\r\n\r\n", .host), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .host),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .host), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .host),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n", .host), ("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", .host),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .host), ("GET / HTTP/1.1\r\nHost: h:x\r\n\r\n", .host),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .host),
    ]

    @Test("a malformed head is refused for the right reason", arguments: faults)
    func malformed(text: String, fault: RequestFault) { #expect(events(of: text).fault == fault) }

    static let smuggling: [(String, RequestFault)] = [
        ("Content-Length: 3\r\nContent-Length: 3", .contentLength), ("Content-Length: 3\r\nContent-Length: 4", .contentLength),
        ("Content-Length: 3, 3", .contentLength), ("Content-Length: +3", .contentLength), ("Content-Length: -3", .contentLength),
        ("Content-Length: 0x3", .contentLength), ("Content-Length: 3 3", .contentLength), ("Content-Length:", .contentLength),
        ("Content-Length: 99999999999999999999999999", .contentTooLarge),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked", .conflictingFraming),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3", .conflictingFraming),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferCoding),
        ("Transfer-Encoding: identity", .transferCoding), ("Transfer-Encoding: gzip, chunked", .transferCoding),
        ("Transfer-Encoding: chunked, identity", .transferCoding), ("Transfer-Encoding: xchunked", .transferCoding),
        ("Transfer-Encoding: \u{b}chunked", .fieldValue), ("Transfer-Encoding : chunked", .fieldName),
        ("Transfer-Encoding:\r\n chunked", .obsoleteFolding), ("Transfer-Encoding: \"chunked\"", .transferCoding),
    ]

    @Test("doubtful framing is refused", arguments: smuggling)
    func doubtfulFraming(fields: String, fault: RequestFault) {
        let events = events(of: "POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\nabcGET /evil HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(events.fault == fault)
        #expect(events.completed == 0)
    }

    @Test("HTTP/1.0 has no transfer codings")
    func transferCodingInHTTP10() {
        #expect(events(of: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").fault == .transferCodingInHTTP10)
    }

    @Test(
        "malformed chunks are refused",
        arguments: [
            "x\r\n", "\r\n", "-1\r\nab\r\n", "0x2\r\nab\r\n", "2 \r\nab\r\n", " 2\r\nab\r\n", "+2\r\nab\r\n", "2\r\nabc\r\n", "2\r\nab\n",
            "2\r\nab\rX", "fffffffffffffffff\r\n", "0000000000000002\r\nab\r\n", "2;\u{1}\r\nab\r\n",
        ])
    func badChunk(text: String) {
        #expect(events(of: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + text).fault == .chunk)
    }

    @Test("a bare LF ends neither a chunk size nor a trailer")
    func bareLineFeedInChunks() {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(events(of: head + "2\nab\r\n").fault == .lineEnding)
        #expect(events(of: head + "0\r\nA: b\n\r\n").fault == .lineEnding)
        #expect(events(of: head + "0\r\nContent-Length: 3\r\n\r\n").fault == .trailer)
    }

    @Test("each limit has its own status")
    func limits() {
        var limits = RequestLimits()
        (limits.targetBytes, limits.headerBytes, limits.headerFields, limits.bodyBytes) = (16, 64, 3, 4)
        func status(_ text: String) -> Int? { events(of: text, limits: limits).fault?.status.code }
        let ok = "GET /123456789012345 HTTP/1.1\r\nHost: h\r\n\r\n"
        #expect(status(ok) == nil)
        #expect(status("GET /1234567890123456 HTTP/1.1\r\nHost: h\r\n\r\n") == 414)
        #expect(status("GET /" + String(repeating: "a", count: 100)) == 414)
        #expect(status("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n") == 431)
        #expect(status("GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 64))\r\n\r\n") == 431)
        #expect(status("GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 100))") == 431)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n") == 413)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n") == 413)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd") == nil)
    }

    @Test("a route's own content limit counts from its head on, for one request")
    func bodyLimit() {
        var decoder = RequestDecoder()
        let request = Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd".utf8)
        decoder.feed(request + request)
        guard case .head? = decoder.next() else { Issue.record("no head"); return }
        decoder.setBodyLimit(4)
        #expect(decoder.next() == .chunk(Array("abcd".utf8)))
        #expect(decoder.next() == .end(trailers: [:]))
        guard case .head? = decoder.next() else { Issue.record("no head"); return }
        decoder.setBodyLimit(3)
        #expect(decoder.next() == .fault(.contentTooLarge))
        #expect(decoder.next() == nil)
    }

    @Test("chunk extensions are bounded in line and in sum")
    func chunkExtensions() {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(events(of: head + "1;" + String(repeating: "a", count: 300)).fault == .chunk)
        let many = String(repeating: "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n", count: 30)
        #expect(events(of: head + many).fault == .chunk)
    }

    @Test("text beyond ASCII survives in values")
    func obsoleteText() {
        let utf8 = events(of: "GET / HTTP/1.1\r\nHost: h\r\nX: é\r\n\r\n")
        #expect(utf8.heads.first?.headers["X"] == "é")
        let latin = events(of: Array("GET / HTTP/1.1\r\nHost: h\r\nX: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8))
        #expect(latin.heads.first?.headers["X"] == "é")
    }
}
