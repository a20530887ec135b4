package import Primitives

/// What went wrong before or outside a handler; the application makes the answer of it, so that every error has one shape.
package struct HTTPFailure: Sendable {
    package enum Reason: Sendable, Equatable {
        /// The decoder refused the bytes; the connection closes after the answer.
        case malformed(RequestFault)
        case noRoute
        case methodNotAllowed(allowed: [HTTPMethod])
        /// Head or content did not arrive in time.
        case requestTimeout
        /// More connections than the server holds.
        case overloaded
        /// An error left a handler: its text is for the log, never for the client.
        case handlerFailed(String)
    }

    package let reason: Reason
    package let requestID: ID<HTTPRequest>
    /// Nil when the request line never became readable.
    package let method: HTTPMethod?
    /// The target without its query, encoded as received, or as much of it as can be told (`RefusedHead`); nil when there is none.
    package let path: String?
    /// Address of the peer; nil where no connection is.
    package let remoteAddress: String?

    package init(
        _ reason: Reason, requestID: ID<HTTPRequest> = ID(), method: HTTPMethod? = nil, path: String? = nil, remoteAddress: String? = nil
    ) {
        self.reason = reason
        self.requestID = requestID
        self.method = method
        self.path = path
        self.remoteAddress = remoteAddress
    }

    package var status: HTTPStatus {
        switch reason {
        case .malformed(let fault): fault.status
        case .noRoute: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .overloaded: .serviceUnavailable
        case .handlerFailed: .internalServerError
        }
    }

    /// One sentence for the client.
    package var message: String {
        switch reason {
        case .malformed(let fault): fault.message
        case .noRoute: "There is nothing at this path."
        case .methodNotAllowed(let allowed):
            "This path accepts \(allowed.map(\.description).joined(separator: ", "))."
        case .requestTimeout: "The request did not arrive in time."
        case .overloaded: "The server has too many connections."
        case .handlerFailed: "The request failed for a reason inside the server."
        }
    }
}
