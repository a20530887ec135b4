package import FoundationEssentials
import HTTP
import Synchronization

/// Counts requests in windows of one minute, one budget for each API key and, before a key is known, for each address.
///
/// Windows begin with the minute for everybody, so that forgetting a window is forgetting one table.
package final class RateLimiter: Sendable {
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
            headers["X-RateLimit-Limit"] = "\(limit)"
            headers["X-RateLimit-Remaining"] = "\(remaining)"
            headers["X-RateLimit-Reset"] = "\(reset)"
            if isExceeded {
                headers["X-RateLimit-Retry-After"] = "\(reset)"
                headers[.retryAfter] = "\(reset)"
            }
        }
    }

    private struct Window {
        var minute = 0
        var counts: [String: Int] = [:]
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
    func charge(_ budget: String) -> Standing {
        let now = Int(clock().timeIntervalSince1970)
        let (minute, second) = now.quotientAndRemainder(dividingBy: 60)
        let used = window.withLock { window in
            if window.minute != minute { window = Window(minute: minute) }
            let isNew = window.counts[budget] == nil
            let budget = isNew && window.counts.count >= Self.maximumBudgets ? "" : budget
            window.counts[budget, default: 0] += 1
            return window.counts[budget, default: 0]
        }
        return Standing(limit: limit, remaining: max(0, limit - used), reset: 60 - second, isExceeded: used > limit)
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
