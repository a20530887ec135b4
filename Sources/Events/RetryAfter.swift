import FoundationEssentials
import HTTP

/// Reading of the time a receiver asks to be left alone (RFC 9110 §10.2.3).
enum RetryAfter {
    /// No receiver can ask for more.
    private static let longest = 24 * 3600.0

    /// From `Retry-After`, seconds or a date, or the incumbent's `X-RateLimit-Retry-After`; nil when neither is readable.
    static func date(_ headers: HeaderFields, now: Date) -> Date? {
        for name in [HeaderName.retryAfter, "X-RateLimit-Retry-After"] {
            guard let text = headers[name] else { continue }
            if let seconds = Int(text), seconds >= 0 { return now.addingTimeInterval(min(Double(seconds), longest)) }
            if let seconds = HTTPDate.seconds(text) {
                let asked = Date(timeIntervalSince1970: Double(seconds))
                return min(max(asked, now), now.addingTimeInterval(longest))
            }
        }
        return nil
    }
}
