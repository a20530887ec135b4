import Domain
import HTTP

/// An operation as it is served: its route, who may call it, and its entry in the definition.
struct RegisteredOperation: Sendable {
    /// What a caller has to show.
    enum Access: Sendable {
        case apiKey
        case password
        /// Nothing, or a proof in the request itself.
        case open
    }

    let method: HTTPMethod
    /// Below `/api`.
    let path: String
    let access: Access
    let entry: JSON

    /// Whether a repeated request can be told from a new one.
    var takesIdempotencyKey: Bool { method == .post && access != .open }

    /// Statuses of errors: those that access and body bring, and those of the operation itself.
    var refusals: [Int] {
        var statuses: Set<Int> = [400, 500, 503, 507]
        if access != .open { statuses.formUnion([401, 403, 429]) }
        if entry["body"] != nil { statuses.insert(413) }
        if takesIdempotencyKey { statuses.formUnion([409, 422]) }
        for case .integer(let status)? in entry["refusals"]?.elements ?? [] { statuses.insert(Int(status)) }
        return statuses.sorted()
    }
}

extension JSON {
    /// The elements of a list; nil for every other kind.
    var elements: [JSON?]? {
        guard case .array(let items) = self else { return nil }
        return items
    }
}
