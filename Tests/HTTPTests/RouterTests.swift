import HTTP
import Primitives
import Testing

@Suite struct RouterTests {
    static func router() throws -> Router {
        var routes = RouteTable()
        for template in [
            "/", "/v1/videos", "/v1/videos/{id}", "/v1/videos/mine", "/v1/videos/{id}/in/status", "/v1/{a}/{b}/x", "/assets/{path...}",
        ] {
            try routes.add(.get, template) { request in
                text("\(template) \(request.parameters["id"] ?? "") \(request.parameters["a"] ?? "") \(request.parameters["path"] ?? "")")
            }
        }
        try routes.add(.post, "/v1/videos") { _ in text("made", .created) }
        return Router(routes) { text($0.message, $0.status) }
    }

    static func answer(_ method: HTTPMethod, _ target: String) async throws -> HTTPResponse {
        try await router().respond(to: try #require(HTTPRequest(method, target)))
    }

    @Test(
        "the most literal route wins, and a literal that leads nowhere falls back",
        arguments: [
            ("/", "/   "), ("/v1/videos", "/v1/videos   "), ("/v1/videos/mine", "/v1/videos/mine   "),
            ("/v1/videos/7", "/v1/videos/{id} 7  "), ("/v1/videos/a%2Fb", "/v1/videos/{id} a/b  "),
            ("/v1/videos/7/in/status", "/v1/videos/{id}/in/status 7  "), ("/v1/videos/7/x", "/v1/{a}/{b}/x  videos "),
            ("/v1/videos/mine/x", "/v1/{a}/{b}/x  videos "), ("/assets/a/b.js", "/assets/{path...}   a/b.js"),
        ])
    func matching(target: String, expected: String) async throws {
        #expect(try await Self.answer(.get, target).text == expected)
    }

    @Test("paths that lead nowhere are 404", arguments: ["/v1", "/v1/videos/", "/v2/videos", "/v1/videos/7/in", "/assets", "//"])
    func nowhere(target: String) async throws {
        #expect(try await Self.answer(.get, target).status == .notFound)
    }

    @Test("405 and OPTIONS name what is allowed; HEAD goes to GET")
    func methods() async throws {
        let refused = try await Self.answer(.delete, "/v1/videos")
        #expect(refused.status == .methodNotAllowed)
        #expect(refused.headers[.allow] == "GET, HEAD, OPTIONS, POST")
        #expect(try await Self.answer(.options, "/v1/videos").headers[.allow] == "GET, HEAD, OPTIONS, POST")
        #expect(try await Self.answer(.head, "/v1/videos").status == .ok)
        #expect(try await Self.answer(.options, "*").status == .noContent)
    }

    @Test("bad and doubled templates are found when they are added")
    func badTemplates() {
        for template in ["", "v1", "/a//b", "/{", "/{}", "/a{b}", "/{a}/{a}", "/{a...}/b"] {
            #expect(throws: RouteError.malformed(template: template)) {
                var routes = RouteTable()
                try routes.add(.get, template) { _ in text("") }
            }
        }
        #expect(throws: RouteError.doubled(method: .get, template: "/a/{y}")) {
            var routes = RouteTable()
            try routes.add(.get, "/a/{x}") { _ in text("") }
            try routes.add(.get, "/a/{y}") { _ in text("") }
        }
    }

    struct Stamp: Middleware {
        nonisolated(nonsending) func respond(
            to request: HTTPRequest, context: Void, next: nonisolated(nonsending) @Sendable (HTTPRequest, Int) async throws -> HTTPResponse
        ) async throws -> HTTPResponse {
            guard request.headers["X-API-Key"] != nil else { return text("who?", .unauthorized) }
            var response = try await next(request, 41)
            response.headers["X-Stamp"] = "yes"
            return response
        }
    }

    struct Increase: Middleware {
        nonisolated(nonsending) func respond(
            to request: HTTPRequest, context: Int,
            next: nonisolated(nonsending) @Sendable (HTTPRequest, String) async throws -> HTTPResponse
        ) async throws -> HTTPResponse {
            try await next(request, "number \(context + 1)")
        }
    }

    @Test("a chain turns contexts from step to step, and a step may answer itself")
    func chain() async throws {
        var routes = RouteTable()
        try routes.add(.get, "/", Chain.root.then(Stamp()).then(Increase())) { _, number in text(number) }
        let router = Router(routes) { text($0.message, $0.status) }
        let answer = await router.respond(to: try #require(HTTPRequest(.get, "/", headers: ["X-API-Key": "k"])))
        #expect(answer.text == "number 42")
        #expect(answer.headers["x-stamp"] == "yes")
        #expect(await router.respond(to: try #require(HTTPRequest(.get, "/"))).status == .unauthorized)
    }

    @Test("a parameter that does not read as its type says what was expected")
    func typedParameters() throws {
        let request = try #require(HTTPRequest(.get, "/x"))
        #expect(throws: InvalidPathParameter(name: "id", value: "", expected: "a UUID")) {
            try request.parameters.value("id", as: ID<Int>.self)
        }
    }
}

extension HTTPResponse {
    var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
