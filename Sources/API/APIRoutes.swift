import Credentials
import HTTP
import Store

/// Gathers the routes of the API, each behind the chain its operation needs and bound to its description.
///
/// Registering throws for an operation that `Contract/operations.json` does not describe.
struct APIRoutes {
    private(set) var table = RouteTable()
    /// What was registered, in order.
    private(set) var operations: [RegisteredOperation] = []
    let definition: APIDefinition
    private let keyedChain: Chain<APIKeyStore.Caller>
    private let signedInChain: Chain<UserRecord>
    private let openChain: Chain<Void>

    init(
        renderer: ErrorRenderer, keys: APIKeyAuthentication, basic: BasicAuthentication, idempotency: IdempotencyStore,
        secretBox: SecretBox,
        definition: APIDefinition
    ) {
        self.definition = definition
        keyedChain = Chain.root.then(RateLimitHeaders()).then(ErrorResponses(renderer: renderer)).then(keys)
            .then(IdempotentPosts(store: idempotency, secretBox: secretBox))
        signedInChain = Chain.root.then(ErrorResponses(renderer: renderer)).then(basic)
            .then(IdempotentPosts(store: idempotency, secretBox: secretBox))
        openChain = Chain.root.then(ErrorResponses(renderer: renderer))
    }

    /// An operation that needs an API key, and counts against its rate limit.
    mutating func keyed(
        _ method: HTTPMethod, _ template: String, body: BodyPolicy = .standard,
        _ handler: @escaping @Sendable (HTTPRequest, APIKeyStore.Caller) async throws -> HTTPResponse
    ) throws {
        try note(method, template, .apiKey)
        try table.add(method, "/api" + template, keyedChain, body: body, handler: handler)
    }

    /// An operation that needs e-mail and password.
    mutating func signedIn(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest, UserRecord) async throws -> HTTPResponse
    ) throws {
        try note(method, template, .password)
        try table.add(method, "/api" + template, signedInChain, handler: handler)
    }

    /// An operation that needs nothing, or checks for itself; `template` is the whole path. One outside `/api` is a second
    /// name of the operation inside.
    mutating func open(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) throws {
        let isBelow = template.hasPrefix("/api/")
        let path = isBelow ? String(template.dropFirst(4)) : template
        if isBelow { try note(method, path, .open) } else { _ = try definition.operation(method, path) }
        try table.add(method, template, openChain) { request, _ in try await handler(request) }
    }

    private mutating func note(_ method: HTTPMethod, _ path: String, _ access: RegisteredOperation.Access) throws {
        let entry = try definition.operation(method, path)
        operations.append(RegisteredOperation(method: method, path: path, access: access, entry: entry))
    }
}
