/// Why a request got no usable response.
package enum HTTPClientError: Error {
    package enum Phase: Hashable, Sendable { case connecting, idle, total }

    case refused(URLRefusal)
    case unresolvable(host: String)
    case cannotConnect(host: String)
    /// The certificate or the handshake failed; text of the TLS library.
    case tls(String)
    case timedOut(Phase)
    /// The body is larger than `maximumResponseBytes`.
    case responseTooLarge(limit: Int)
    case malformedResponse(String)
    case tooManyRedirects(limit: Int)
    /// The connection ended in the middle.
    case interrupted(String)
    case cancelled
    /// The receiver of a streamed response threw this.
    case stopped(by: any Error)
    /// A file of trusted roots that cannot be read, or libcurl itself.
    case unavailable(String)

    /// Whether the same request may succeed a little later.
    package var isRetryable: Bool {
        switch self {
        case .unresolvable, .cannotConnect, .timedOut, .interrupted: true
        case .refused, .tls, .responseTooLarge, .malformedResponse, .tooManyRedirects, .cancelled, .stopped, .unavailable: false
        }
    }

    /// For users.
    package var message: String {
        switch self {
        case .refused(let refusal): refusal.message
        case .unresolvable(let host): "The host \(host) cannot be resolved."
        case .cannotConnect(let host): "No connection to \(host) could be made."
        case .tls(let text): "The TLS connection failed: \(text)."
        case .timedOut(.connecting): "The connection was not made in time."
        case .timedOut(.idle): "The other side sent nothing for too long."
        case .timedOut(.total): "The response did not end in time."
        case .responseTooLarge(let limit): "The response is larger than \(limit) bytes."
        case .malformedResponse(let text): "The response is malformed: \(text)."
        case .tooManyRedirects(let limit): "More than \(limit) redirects."
        case .interrupted(let text): "The connection broke: \(text)."
        case .cancelled: "The request was cancelled."
        case .stopped(let error): "The response was not accepted: \(error)."
        case .unavailable(let text): "Requests cannot be made: \(text)."
        }
    }
}
