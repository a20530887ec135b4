/// One response. The server adds `Date`, framing and `Connection`; a `Connection: close` given here is honoured.
package struct HTTPResponse: Sendable {
    package var status: HTTPStatus
    package var headers: HeaderFields
    package var body: ResponseBody

    package init(_ status: HTTPStatus, headers: HeaderFields = [:], body: ResponseBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ status: HTTPStatus, contentType: String, bytes: [UInt8], headers: HeaderFields = [:]) {
        self.init(status, headers: headers, body: .bytes(bytes))
        self.headers[.contentType] = contentType
    }
}

/// What follows the head of a response.
package enum ResponseBody: Sendable {
    /// Nothing; `Content-Length: 0` where a body would be allowed.
    case none
    case bytes([UInt8])
    /// Memory and file regions one after the other, with a known total length.
    case parts([BodyPart])
    /// Made while it is sent.
    case stream(ResponseStream)

    /// Total length in bytes, nil for a stream without one.
    package var length: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .parts(let parts): parts.reduce(0) { $0 + $1.length }
        case .stream(let stream): stream.contentLength
        }
    }
}

/// A piece of a body with a known length.
package enum BodyPart: Sendable {
    case bytes([UInt8])
    /// `length` bytes of the file from `offset`, sent by the kernel without passing through this process.
    case file(OpenFile, offset: Int, length: Int)

    package var length: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(_, _, let length): length
        }
    }
}
