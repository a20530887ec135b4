import Credentials
import Domain
import HTTP
import Store
import Telemetry

/// Gathers the routes of the API, each behind the chain its operation needs and bound to its description.
///
/// Registering throws for an operation that `Contract/operations.json` does not describe.
struct APIRoutes {
    private(set) var table = RouteTable()
    /// What was registered, in order.
    private(set) var operations: [RegisteredOperation] = []
    let definition: APIDefinition
    private let metrics: MetricRegistry
    private let keyedChain: Chain<APIKeyStore.Caller>
    private let signedInChain: Chain<UserRecord>
    private let openChain: Chain<Void>
    private let audit: AuditStore
    private let observer: Observer

    init(
        renderer: ErrorRenderer, keys: APIKeyAuthentication, basic: BasicAuthentication, idempotency: IdempotencyStore,
        secretBox: SecretBox, audit: AuditStore, observer: Observer, definition: APIDefinition, metrics: MetricRegistry
    ) {
        self.audit = audit
        self.observer = observer
        self.definition = definition
        self.metrics = metrics
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
        let entry = try note(method, template, .apiKey)
        let audited = audited(keyedChain, method, template).handler(Self.checked(handler, method, entry))
        try table.add(method, "/api" + template, body: body, handler: timed(method, template, audited))
    }

    /// An operation that needs e-mail and password.
    mutating func signedIn(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest, UserRecord) async throws -> HTTPResponse
    ) throws {
        let entry = try note(method, template, .password)
        let audited = audited(signedInChain, method, template).handler(Self.checked(handler, method, entry))
        try table.add(method, "/api" + template, handler: timed(method, template, audited))
    }

    /// An operation that needs nothing, or checks for itself; `template` is the whole path. One outside `/api` is a second
    /// name of the operation inside.
    mutating func open(
        _ method: HTTPMethod, _ template: String, _ handler: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) throws {
        let isBelow = template.hasPrefix("/api/")
        let path = isBelow ? String(template.dropFirst(4)) : template
        let entry = isBelow ? try note(method, path, .open) : try definition.operation(method, path)
        let answered = openChain.handler(Self.checked({ request, _ in try await handler(request) }, method, entry))
        try table.add(method, template, handler: timed(method, path, answered))
    }

    /// The handler behind a check of what was sent, for an operation that changes something and takes no body.
    private static func checked<Caller>(
        _ handler: @escaping @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse, _ method: HTTPMethod, _ entry: JSON
    ) -> @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse {
        if method == .get || method == .head || entry["body"] != nil { return handler }
        return { request, caller in
            try request.refuseContent()
            return try await handler(request, caller)
        }
    }

    /// The handler with its duration measured, by route and status, until its head is made.
    private func timed(_ method: HTTPMethod, _ path: String, _ handler: @escaping Handler) -> Handler {
        let timers = RouteTimers(method: "\(method)", path: path, metrics: metrics)
        return { request in
            let start = ContinuousClock.now
            let response = try await handler(request)
            timers.record(start.duration(to: .now), status: response.status.code)
            return response
        }
    }

    /// The chain with the audit log at its end, for an operation that changes something.
    private func audited<Caller: AuditedCaller>(_ chain: Chain<Caller>, _ method: HTTPMethod, _ template: String) -> Chain<Caller> {
        if method == .get || method == .head { return chain }
        return chain.then(AuditTrail<Caller>(audit: audit, operation: "\(method) \(template)", observer: observer))
    }

    /// Notes an operation; returns its entry.
    private mutating func note(_ method: HTTPMethod, _ path: String, _ access: RegisteredOperation.Access) throws -> JSON {
        let entry = try definition.operation(method, path)
        operations.append(RegisteredOperation(method: method, path: path, access: access, entry: entry))
        return entry
    }
}
