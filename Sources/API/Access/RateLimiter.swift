package import FoundationEssentials
import Domain
import HTTP
import Primitives
import Synchronization

/// Counts requests in windows of one minute, one budget for each API key and, before a key is known, for each address.
///
/// Windows begin with the minute for everybody, so that forgetting a window is forgetting one table.
package final class RateLimiter: Sendable {
    /// Who shares a number of requests.
    enum Budget: Hashable {
        case key(ID<APIKey>)
        case address(String)
        /// Sign-ins from an address.
        case signIn(String)
        /// Everyone beyond those that are told apart.
        case crowd
    }

    /// Where a budget stands after a request.
    struct Standing: Hashable, Sendable {
        /// Requests a minute.
        let limit: Int
        let remaining: Int
        /// Seconds until the window ends, 1 to 60.
        let reset: Int
        /// Whether this request was beyond the budget.
        let isExceeded: Bool

        /// The `X-RateLimit-…` fields.
        func apply(to headers: inout HeaderFields) {
            headers[Self.limitName] = String(limit)
            headers[Self.remainingName] = String(remaining)
            headers[Self.resetName] = String(reset)
            if isExceeded {
                headers["X-RateLimit-Retry-After"] = String(reset)
                headers[.retryAfter] = String(reset)
            }
        }

        // Made once: they stand in nearly every answer.
        private static let limitName: HeaderName = "X-RateLimit-Limit"
        private static let remainingName: HeaderName = "X-RateLimit-Remaining"
        private static let resetName: HeaderName = "X-RateLimit-Reset"
    }

    private struct Window {
        var minute = 0
        var counts: [Budget: Int] = [:]
    }

    /// Budgets held at once: a flood from many addresses cannot take all memory; beyond it they share one.
    private static let maximumBudgets = 100_000

    private let limit: Int
    private let clock: @Sendable () -> Date
    private let window = Mutex(Window())

    /// - Parameter limit: requests a minute for each budget, at least 1.
    package init(limit: Int, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.limit = max(1, limit)
        self.clock = clock
    }

    /// Takes one request from a budget.
    func charge(_ budget: Budget) -> Standing {
        let now = Int(clock().timeIntervalSince1970)
        let (minute, second) = now.quotientAndRemainder(dividingBy: 60)
        let used = window.withLock { window in
            if window.minute != minute { window = Window(minute: minute) }
            let known = window.counts[budget]
            let budget = known == nil && window.counts.count >= Self.maximumBudgets ? .crowd : budget
            let used = (known ?? window.counts[budget] ?? 0) + 1
            window.counts[budget] = used
            return used
        }
        return Standing(limit: limit, remaining: max(0, limit - used), reset: 60 - second, isExceeded: used > limit)
    }
}

extension APIError {
    static func tooManyRequests(_ standing: RateLimiter.Standing) -> APIError {
        APIError(
            .tooManyRequests, .tooManyRequests,
            "The rate limit of \(standing.limit) requests a minute is used up; try again in \(standing.reset) s.")
    }
}

/// Carries the standing of a request's budget from where it is charged to where the answer gets its fields.
final class RateLimitTicket: Sendable {
    private let standing = Mutex<RateLimiter.Standing?>(nil)

    func note(_ standing: RateLimiter.Standing) { self.standing.withLock { $0 = standing } }

    func apply(to headers: inout HeaderFields) { standing.withLock { $0 }?.apply(to: &headers) }
}

/// The outermost middleware of limited operations: puts the `X-RateLimit-…` fields on every answer, errors too.
struct RateLimitHeaders: Middleware {
    func respond(
        to request: HTTPRequest, context: Void, next: @Sendable (HTTPRequest, RateLimitTicket) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let ticket = RateLimitTicket()
        var response = try await next(request, ticket)
        ticket.apply(to: &response.headers)
        return response
    }
}
