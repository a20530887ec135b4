import Credentials
import Crypto
import Domain
import HTTP
import Postgres
import Primitives
import Store

/// Whose idempotency keys are looked at: a key is unique to its user.
protocol IdempotencyOwner: Sendable {
    var idempotencyOwner: ID<User> { get }
}

extension APIError {
    static var idempotencyKeyInUse: APIError {
        APIError(
            .conflict, code: "IDEMPOTENCY_KEY_IN_USE", "A request with this Idempotency-Key is still under way; ask again in a moment.",
            headers: [.retryAfter: "1"])
    }
}

extension APIKeyStore.Caller: IdempotencyOwner { var idempotencyOwner: ID<User> { user } }
extension UserRecord: IdempotencyOwner { var idempotencyOwner: ID<User> { id } }

/// Carries a POST with an `Idempotency-Key` out once: the same request with the same key gets the answer of the first for
/// 24 hours. A request that was refused or failed (4xx or 5xx) before it changed anything leaves its key free; so does one
/// whose process died. One that had changed something by then is not carried out again.
///
/// Answers are kept sealed: the one to the creation of an API key holds the key.
struct IdempotentPosts<Caller: IdempotencyOwner>: Middleware {
    typealias Context = Caller
    typealias Next = Caller

    let store: IdempotencyStore
    let secretBox: SecretBox

    private static var header: HeaderName { "Idempotency-Key" }
    private static var sealContext: String { "idempotent-answer" }

    func respond(
        to request: HTTPRequest, context caller: Caller, next: @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard request.method == .post, let key = request.headers[Self.header] else { return try await next(request, caller) }
        try Self.check(key)
        let owner = caller.idempotencyOwner
        switch try await store.claim(key, user: owner, fingerprint: Self.fingerprint(of: request)) {
        case .first(let claim): return try await carryOut(request, caller, claim, next)
        case .repeated(let status, let sealed, let location):
            let body = try secretBox.open(sealed, context: Self.sealContext)
            var response =
                body.isEmpty
                ? HTTPResponse(HTTPStatus(status)) : HTTPResponse(HTTPStatus(status), contentType: "application/json", bytes: body)
            response.headers[.location] = location
            response.headers["Idempotency-Replayed"] = "true"
            response.headers[.cacheControl] = "no-store"
            return response
        case .underWay: throw APIError.idempotencyKeyInUse
        case .answerLost(let subjects):
            throw APIError(
                .conflict, code: "IDEMPOTENCY_KEY_ANSWER_LOST",
                "The request with this Idempotency-Key was carried out, but its answer was lost; what came of it can be read by its ids.",
                details: .members(["subjectIds": .array(subjects.map { .string(ID<AuditEntry>($0).description) })]))
        case .mismatch:
            throw APIError(
                .unprocessableContent, code: "IDEMPOTENCY_KEY_REUSED",
                "This Idempotency-Key was used for another request in the last 24 hours; allowed is a key of its own for each request.")
        }
    }

    private func carryOut(
        _ request: HTTPRequest, _ caller: Caller, _ claim: IdempotencyStore.HeldClaim,
        _ next: @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        defer { store.release(claim) }
        var scope = RequestScope.current
        scope.claim = claim
        let response: HTTPResponse
        do {
            response = try await RequestScope.$current.withValue(scope) { try await next(request, caller) }
        } catch PostgresError.commitUnknown(let message) {
            do { try await settle(claim) { try await store.abandon(claim) } } catch {
                // The key is given up in the background; that something may have happened must be told.
            }
            throw PostgresError.commitUnknown(message)
        } catch {
            try await settle(claim) { try await store.abandon(claim) }
            throw error
        }
        let kept: [UInt8]? =
            switch response.body {
            case .none: []
            case .bytes(let bytes): bytes
            case .parts, .stream: nil
            }
        guard let kept, response.status.code < 400 else {
            try await settle(claim) { try await store.abandon(claim) }
            return response
        }
        let (status, sealed) = (response.status.code, try secretBox.seal(kept, context: Self.sealContext))
        let location = response.headers[.location]
        try await settle(claim) { try await store.finish(claim, status: status, body: sealed, location: location) }
        return response
    }

    /// Writes down what became of the request, though its client may be gone and its task cancelled. Where that fails, the
    /// key is given up in the background: nobody is to be told that the request is under way.
    private func settle(_ claim: IdempotencyStore.HeldClaim, _ work: @escaping @Sendable () async throws -> Void) async throws {
        do {
            try await Task { try await work() }.value
        } catch {
            Task { await store.giveUp(claim) }
            throw error
        }
    }

    /// Throws 400 for a key that is none.
    private static func check(_ key: String) throws {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw APIError(
                ValidationFailure(problems: [
                    Problem(
                        field: "Idempotency-Key", actual: key, "must have 1 to 255 characters, all of them printable ASCII without spaces")
                ]))
        }
    }

    /// Method, target and body: what makes two requests the same.
    private static func fingerprint(of request: HTTPRequest) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("\(request.method) \(request.target)\n".utf8))
        hash.update(data: request.body.bytes)
        return Array(hash.finalize())
    }
}
