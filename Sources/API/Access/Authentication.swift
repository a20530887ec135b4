import Credentials
import FoundationEssentials
import HTTP
import Store

/// Finds out who calls by the `X-API-Key` header, and charges the key's budget.
struct APIKeyAuthentication: Middleware {
    let keys: APIKeyStore
    let limiter: RateLimiter
    private static let keyName: HeaderName = "X-API-Key"

    func respond(
        to request: HTTPRequest, context ticket: RateLimitTicket,
        next: @Sendable (HTTPRequest, APIKeyStore.Caller) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard let text = request.headers[Self.keyName], !text.isEmpty else {
            try charge(.address(request.remoteAddress), ticket)
            throw APIError.keyRefusal(.missingAPIKey, "The X-API-Key header is missing.")
        }
        guard text.utf8.count <= 200, let caller = try await keys.authenticate(APIKeySecret(text)) else {
            try charge(.address(request.remoteAddress), ticket)
            throw APIError.invalidAPIKey
        }
        try charge(.key(caller.key), ticket)
        return try await next(request, caller)
    }

    private func charge(_ budget: RateLimiter.Budget, _ ticket: RateLimitTicket) throws {
        let standing = limiter.charge(budget)
        ticket.note(standing)
        guard !standing.isExceeded else { throw APIError.tooManyRequests(standing) }
    }
}

extension APIError {
    static let invalidAPIKey = keyRefusal(.invalidAPIKey, "The API key is unknown or not active.")

    /// 401 that says where an API key belongs.
    static func keyRefusal(_ code: ErrorCode, _ message: String) -> APIError {
        APIError(.unauthorized, code, message, headers: [.wwwAuthenticate: "ApiKey realm=\"remaster\", header=\"X-API-Key\""])
    }
}

/// Finds out who calls by HTTP Basic with e-mail and password (RFC 7617, UTF-8).
struct BasicAuthentication: Middleware {
    let accounts: AccountStore
    /// Bounds guessing from one address, and the work that hashing costs.
    let limiter: RateLimiter
    let clock: @Sendable () -> Date

    func respond(
        to request: HTTPRequest, context: Void, next: @Sendable (HTTPRequest, UserRecord) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        guard let (email, password) = Self.credentials(request.headers[.authorization]) else {
            throw Self.refusal(.invalidCredentials, "E-mail and password are expected as HTTP Basic authentication.")
        }
        let standing = limiter.charge(.signIn(request.remoteAddress))
        guard !standing.isExceeded else {
            throw APIError(
                .tooManyRequests, .tooManyRequests, "Too many sign-ins from this address; try again in \(standing.reset) s.",
                headers: ["Retry-After": "\(standing.reset)"])
        }
        switch try await accounts.signIn(email: email, password: password) {
        case .succeeded(let user): return try await next(request, user)
        case .wrongCredentials: throw Self.refusal(.invalidCredentials, "E-mail or password is wrong.")
        case .disabled: throw Self.refusal(.accountDisabled, "The account is disabled.")
        case .locked(let until):
            let minutes = max(1, Int((until.timeIntervalSince(clock()) / 60).rounded(.up)))
            throw Self.refusal(
                .accountLocked,
                "The account is locked after too many wrong passwords; it opens in \(minutes) minute\(minutes == 1 ? "" : "s").")
        }
    }

    /// The two halves of a Basic token; nil when there is none or it is malformed.
    static func credentials(_ header: String?) -> (email: String, password: String)? {
        guard let header, header.utf8.count <= 2048 else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Data(base64Encoded: String(parts[1].filter { $0 != " " })),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    private static func refusal(_ code: ErrorCode, _ message: String) -> APIError {
        APIError(.unauthorized, code, message, headers: [.wwwAuthenticate: "Basic realm=\"remaster\", charset=\"UTF-8\""])
    }
}
