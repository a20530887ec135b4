/// A request of ours to another server.
package struct ClientRequest: Sendable {
    package var method: HTTPMethod
    package var url: String
    package var headers: HeaderFields
    package var body: [UInt8]
    /// Decides about the URL, every address behind it, and every redirect.
    package var policy: OutgoingURLPolicy
    /// TCP and TLS together.
    package var connectTimeout = Duration.seconds(10)
    /// Without a byte in either direction.
    package var idleTimeout = Duration.seconds(30)
    /// From the first connection attempt to the end of the body, for each hop; nil for no limit.
    package var totalTimeout: Duration? = .seconds(60)
    /// Of the body; a streamed response has its own rules.
    package var maximumResponseBytes = 1 << 20
    /// 0: a redirect is a response like any other. Only GET and HEAD follow.
    package var maximumRedirects = 0

    package init(_ method: HTTPMethod, _ url: String, policy: OutgoingURLPolicy, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.policy = policy
        self.headers = headers
        self.body = body
    }
}

/// What another server answered.
package struct ClientResponse: Sendable {
    package let status: HTTPStatus
    package let headers: HeaderFields
    /// Empty for a streamed response.
    package let body: [UInt8]
    /// Where the response came from, after redirects.
    package let url: OutgoingURL
    /// The peer's address.
    package let remoteAddress: String
}

/// Receives a response while it arrives; both functions run on the request's own thread and may block it.
package struct ResponseReceiver: Sendable {
    let onHead: @Sendable (ClientResponse) throws -> Void
    let onBytes: @Sendable (RawSpan) throws -> Void

    /// - Parameters:
    ///   - onHead: gets the response without its body; throwing ends the request.
    ///   - onBytes: gets the body piece by piece; throwing ends the request.
    package init(
        onHead: @escaping @Sendable (ClientResponse) throws -> Void = { _ in }, onBytes: @escaping @Sendable (RawSpan) throws -> Void
    ) {
        self.onHead = onHead
        self.onBytes = onBytes
    }
}
