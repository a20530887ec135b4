/// How the end of a request's content is found.
package enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// Everything before the content of a request.
package struct RequestHead: Equatable, Sendable {
    package let method: HTTPMethod
    package let target: RequestTarget
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package let minorVersion: Int
    package let headers: HeaderFields
    package let framing: BodyFraming
    /// The client asked for 100 (Continue) before it sends content.
    package let expectsContinue: Bool
    /// The client can send another request on this connection.
    package let keepsAlive: Bool
}

/// What the bytes of a connection mean, in order.
package enum RequestEvent: Equatable, Sendable {
    case head(RequestHead)
    /// A piece of content, never empty.
    case chunk([UInt8])
    /// The end of the request. Trailer fields stay apart from the header fields (RFC 9110 §6.5.1).
    case end(trailers: HeaderFields)
    /// The last event of a connection.
    case fault(RequestFault)
}
