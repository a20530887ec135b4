import HTTP
import Store

/// Gathers the routes of the API, each behind the chain its operation needs, all below `/api`.
struct APIRoutes {
    private(set) var table = RouteTable()
    private let keyedChain: Chain<APIKeyStore.Caller>
    private let signedInChain: Chain<UserRecord>
    private let openChain: Chain<Void>

    init(renderer: ErrorRenderer, keys: APIKeyAuthentication, basic: BasicAuthentication) {
        keyedChain = Chain.root.then(RateLimitHeaders()).then(ErrorResponses(renderer: renderer)).then(keys)
        signedInChain = Chain.root.then(ErrorResponses(renderer: renderer)).then(basic)
        openChain = Chain.root.then(ErrorResponses(renderer: renderer))
    }

    /// An operation that needs an API key, and counts against its rate limit.
    mutating func keyed(
        _ method: HTTPMethod, _ template: String,
        _ handler: @escaping @Sendable (HTTPRequest, APIKeyStore.Caller) async throws -> HTTPResponse
    ) throws {
        try table.add(method, "/api" + template, keyedChain, handler: handler)
    }

    /// An operation that needs e-mail and password.
    mutating func signedIn(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest, UserRecord) async throws -> HTTPResponse
    ) throws {
        try table.add(method, "/api" + template, signedInChain, handler: handler)
    }

    /// An operation that needs nothing, or checks for itself; `template` is the whole path.
    mutating func open(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) throws {
        try table.add(method, template, openChain) { request, _ in try await handler(request) }
    }
}
