/// What is wrong with the bytes of a request. After a fault nothing on the connection can be trusted: it is answered, then closed.
package enum RequestFault: String, Error, Hashable, Sendable, CaseIterable {
    /// Not `METHOD SP TARGET SP HTTP/d.d` (RFC 9112 §3).
    case requestLine
    /// CONNECT: this is no proxy.
    case unsupportedMethod
    /// Neither origin form nor absolute form of http(s), a broken escape, or a dot segment.
    case target
    case targetTooLong
    /// Well-formed, but not HTTP/1.
    case unsupportedVersion
    /// LF without CR, or CR inside a line (RFC 9112 §2.2).
    case lineEnding
    case fieldName
    case fieldValue
    /// A field line that begins with white space (RFC 9112 §5.2).
    case obsoleteFolding
    case headersTooLarge
    /// HTTP/1.1 without `Host`, several, or one that is no host (RFC 9112 §3.2).
    case host
    /// Not one plain decimal number (RFC 9112 §6.3): lists and repeats are refused even when they agree.
    case contentLength
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 §6.1).
    case conflictingFraming
    /// A transfer coding other than exactly `chunked`.
    case transferCoding
    /// `Transfer-Encoding` in HTTP/1.0 (RFC 9112 §6.1).
    case transferCodingInHTTP10
    /// A chunk size, extension or end that does not match RFC 9112 §7.1.
    case chunk
    case trailer
    case contentTooLarge
    /// An expectation other than `100-continue`.
    case expectation

    package var status: HTTPStatus {
        switch self {
        case .requestLine, .target, .lineEnding, .fieldName, .fieldValue, .obsoleteFolding, .host, .contentLength, .conflictingFraming,
            .transferCodingInHTTP10, .chunk, .trailer:
            .badRequest
        case .unsupportedMethod, .transferCoding: .notImplemented
        case .targetTooLong: .uriTooLong
        case .unsupportedVersion: .httpVersionNotSupported
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .expectation: .expectationFailed
        }
    }

    /// One sentence for the client.
    package var message: String {
        switch self {
        case .requestLine: "The request line is malformed."
        case .unsupportedMethod: "The method CONNECT is not supported."
        case .target: "The request target is malformed."
        case .targetTooLong: "The request target is too long."
        case .unsupportedVersion: "Only HTTP/1.1 and HTTP/1.0 are supported."
        case .lineEnding: "Lines end with CR LF."
        case .fieldName: "A header field name is malformed."
        case .fieldValue: "A header field value has a forbidden character."
        case .obsoleteFolding: "A header field is folded over several lines."
        case .headersTooLarge: "The header section is too large."
        case .host: "Exactly one valid Host header field is required."
        case .contentLength: "Content-Length is malformed or repeated."
        case .conflictingFraming: "Content-Length and Transfer-Encoding exclude each other."
        case .transferCoding: "The only supported transfer coding is chunked."
        case .transferCodingInHTTP10: "HTTP/1.0 has no transfer codings."
        case .chunk: "The chunked content is malformed."
        case .trailer: "A trailer field is malformed."
        case .contentTooLarge: "The content is larger than allowed here."
        case .expectation: "The only supported expectation is 100-continue."
        }
    }
}
