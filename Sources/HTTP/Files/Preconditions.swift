/// Validators of a representation and what the conditions of a request make of them (RFC 9110 §13).
struct Preconditions {
    enum Verdict: Equatable {
        case proceed
        case notModified
        case failed
    }

    /// With quotes, always strong.
    let entityTag: String
    let modifiedSeconds: Int

    /// In the order of RFC 9110 §13.2.2.
    func verdict(_ headers: HeaderFields) -> Verdict {
        if headers[.ifMatch] != nil {
            // Strong comparison: a weak tag never matches.
            guard headers.list(.ifMatch).contains(where: { $0 == "*" || $0 == entityTag }) else { return .failed }
        } else if let date = headers[.ifUnmodifiedSince].flatMap(HTTPDate.seconds), modifiedSeconds > date {
            return .failed
        }
        if headers[.ifNoneMatch] != nil {
            let matches = headers.list(.ifNoneMatch).contains { tag in
                tag == "*" || (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == entityTag
            }
            return matches ? .notModified : .proceed
        }
        if let date = headers[.ifModifiedSince].flatMap(HTTPDate.seconds), modifiedSeconds <= date { return .notModified }
        return .proceed
    }

    /// Whether `Range` counts: no `If-Range`, or one that names exactly this representation (RFC 9110 §13.1.5).
    func allowsRange(_ headers: HeaderFields) -> Bool {
        guard let condition = headers[.ifRange] else { return true }
        if condition.hasPrefix("\"") || condition.hasPrefix("W/") { return condition == entityTag }
        return HTTPDate.seconds(condition) == modifiedSeconds
    }
}
