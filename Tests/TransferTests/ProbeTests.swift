import HTTP
import Testing
import Transfer

@Suite struct ProbeTests {
    @Test("a probe learns size, type and validators with one byte")
    func facts() async throws {
        let source = TestSource(bytes(1234))
        try await Scene.with(source) { scene in
            let facts = try await scene.copy().probe()
            #expect(facts == SourceFacts(size: 1234, entityTag: "\"v1\"", contentType: "video/quicktime"))
            #expect(source.requests == [0..<1])
        }
    }

    struct Case: Sendable {
        let status: HTTPStatus
        var headers: HeaderFields = [:]
        var body: [UInt8] = [0]
        let code: String
    }

    static let answers: [Case] = [
        Case(status: .ok, headers: [.contentType: "video/mp4"], body: bytes(100), code: "CONTENT_NOT_PARTIAL_ERROR"),
        Case(status: .ok, body: [], code: "NO_CONTENT"), Case(status: .noContent, body: [], code: "NO_CONTENT"),
        Case(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */0"], code: "NO_CONTENT"),
        Case(status: .notFound, code: "RESOLVE_OBJECT_METADATA_ERROR"), Case(status: .forbidden, code: "RESOLVE_OBJECT_METADATA_ERROR"),
        Case(status: .internalServerError, code: "RESOLVE_OBJECT_METADATA_ERROR"),
        Case(status: .found, headers: [.location: "ftp://example.com/"], code: "INVALID_HTTPS_URL"),
        Case(status: .partialContent, code: "CONTENT_RANGE_HEADER_INVALID"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 0-0/*"], code: "CONTENT_RANGE_HEADER_INVALID"),
        Case(status: .partialContent, headers: [.contentRange: "0-0/9"], code: "CONTENT_RANGE_HEADER_INVALID"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 0-9/9"], code: "CONTENT_RANGE_HEADER_INVALID"),
        Case(status: .partialContent, headers: [.contentRange: "bytes -1-0/9"], code: "CONTENT_RANGE_HEADER_INVALID"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 0-8/9"], code: "UNEXPECTED_CONTENT_RANGE"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 1-1/9"], code: "UNEXPECTED_CONTENT_RANGE"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 0-0/9", .contentType: "nonsense"], code: "PARSE_CONTENT_TYPE_ERROR"),
        Case(
            status: .partialContent, headers: [.contentRange: "bytes 0-0/9", .contentType: "text/html; charset=utf-8"],
            code: "UNSUPPORTED_CONTENT_TYPE"),
        Case(
            status: .partialContent, headers: [.contentRange: "bytes 0-0/9", .contentType: "image/png"], code: "UNSUPPORTED_CONTENT_TYPE"),
        Case(status: .partialContent, headers: [.contentRange: "bytes 0-0/500000000001"], code: "INVALID_INPUT"),
    ]

    @Test("each way of being no source has its contract code", arguments: answers)
    func refusals(answer: Case) async throws {
        let source = TestSource(bytes(9))
        source.behave { _, _, _ in HTTPResponse(answer.status, headers: answer.headers, body: .bytes(answer.body)) }
        try await Scene.with(source) { scene in
            let error = await failure { () async throws(TransferError) in _ = try await scene.copy().probe() }
            #expect(error?.code == answer.code)
            #expect(error?.message.isEmpty == false)
        }
    }

    @Test("a URL that is not allowed, and a host that is not there, are told apart")
    func unreachable() async throws {
        let client = try HTTPClient(maximumConcurrentRequests: 1)
        for (url, code) in [
            ("http://example.com/a.mov", "INVALID_HTTPS_URL"), ("https://127.0.0.1/a.mov", "INVALID_HTTPS_URL"),
            ("https://example.com:8443/a.mov", "INVALID_HTTPS_URL"), ("nonsense", "INVALID_HTTPS_URL"),
        ] {
            let copy = RangeCopy(client: client, source: .url(url, policy: OutgoingURLPolicy()), destination: "/nonexistent/x")
            let error = await failure { () async throws(TransferError) in _ = try await copy.probe() }
            #expect(error?.code == code)
        }
        let gone = RangeCopy(client: client, source: .url("http://127.0.0.1:1/a.mov", policy: Scene.policy), destination: "/nonexistent/x")
        let error = await failure { () async throws(TransferError) in _ = try await gone.probe() }
        #expect(error?.code == "RESOLVE_OBJECT_METADATA_ERROR" && error?.isRetryable == true)
    }

    @Test(
        "types that may hold a video pass",
        arguments: [nil, "video/mp4", "application/octet-stream", "binary/octet-stream", "application/mxf"])
    func types(type: String?) async throws {
        let source = TestSource(bytes(9))
        source.behave { _, range, _ in
            var answer = TestSource.partial(bytes(9), range, tag: nil)
            answer.headers[.contentType] = type
            return answer
        }
        try await Scene.with(source) { scene in
            let facts = try await scene.copy().probe()
            #expect(facts.contentType == type)
        }
    }

    @Test("a source behind redirects is found, and copied from where it is")
    func redirected() async throws {
        let source = TestSource(bytes(2500))
        source.behave { request, _, _ in
            request.query("hop") == "1" ? nil : HTTPResponse(.found, headers: [.location: "/clip?hop=1"])
        }
        try await Scene.with(source) { scene in
            let result = try await scene.copy().run()
            #expect(result.bytes == 2500)
            #expect(scene.content() == bytes(2500))
        }
    }
}
