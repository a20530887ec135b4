/// What a server serves.
package protocol HTTPApplication: Sendable {
    /// Decides by the head alone who answers and how the content is taken. Called on an event loop: it must not wait.
    func resolve(_ method: HTTPMethod, _ target: RequestTarget) -> Resolution

    /// The answer to a request that no handler answered. Called on an event loop: it must not wait.
    func response(to failure: HTTPFailure) -> HTTPResponse
}

/// How one request is handled.
package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

/// Who answers a request, and how its content is taken.
package struct Resolution: Sendable {
    package let body: BodyPolicy
    package let parameters: RouteParameters
    package let handler: Handler

    package init(body: BodyPolicy = .standard, parameters: RouteParameters = RouteParameters(), handler: @escaping Handler) {
        self.body = body
        self.parameters = parameters
        self.handler = handler
    }
}

/// How the content of a request is taken and how much of it: beyond the limit is 413.
package enum BodyPolicy: Hashable, Sendable {
    /// All of it in memory before the handler runs.
    case collected(limit: Int)
    /// Read by the handler while it arrives; beyond the limit the stream throws.
    case streamed(limit: Int)

    /// Collected, up to 1 MiB.
    package static let standard = BodyPolicy.collected(limit: 1 << 20)

    /// In bytes.
    package var limit: Int {
        switch self {
        case .collected(let limit), .streamed(let limit): limit
        }
    }
}
