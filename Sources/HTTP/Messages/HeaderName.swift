/// Name of a header field: a token, compared without regard to case (RFC 9110 §5.1).
package struct HeaderName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it was written.
    package let description: String

    /// Nil when the text is no token.
    package init?(_ text: String) {
        guard ByteClass.isToken(text) else { return nil }
        description = text
    }

    init(checked text: String) { description = text }

    package static func == (left: HeaderName, right: HeaderName) -> Bool {
        let (a, b) = (left.description.utf8, right.description.utf8)
        guard a.count == b.count else { return false }
        return zip(a, b).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) }
    }

    package func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(ByteClass.lowercased(byte)) }
    }
}

extension HeaderName: ExpressibleByStringLiteral {
    /// - Precondition: the literal is a token; a literal with anything else is a mistake in this source, not in a message.
    package init(stringLiteral text: StaticString) {
        let text = text.description
        precondition(ByteClass.isToken(text), "a field name is a token")
        description = text
    }
}

extension HeaderName {
    package static let accept: HeaderName = "Accept"
    package static let acceptRanges: HeaderName = "Accept-Ranges"
    package static let allow: HeaderName = "Allow"
    package static let authorization: HeaderName = "Authorization"
    package static let cacheControl: HeaderName = "Cache-Control"
    package static let connection: HeaderName = "Connection"
    package static let contentDisposition: HeaderName = "Content-Disposition"
    package static let contentLength: HeaderName = "Content-Length"
    package static let contentRange: HeaderName = "Content-Range"
    package static let contentType: HeaderName = "Content-Type"
    package static let cookie: HeaderName = "Cookie"
    package static let date: HeaderName = "Date"
    package static let etag: HeaderName = "ETag"
    package static let expect: HeaderName = "Expect"
    package static let host: HeaderName = "Host"
    package static let ifMatch: HeaderName = "If-Match"
    package static let ifModifiedSince: HeaderName = "If-Modified-Since"
    package static let ifNoneMatch: HeaderName = "If-None-Match"
    package static let ifRange: HeaderName = "If-Range"
    package static let ifUnmodifiedSince: HeaderName = "If-Unmodified-Since"
    package static let lastModified: HeaderName = "Last-Modified"
    package static let location: HeaderName = "Location"
    package static let origin: HeaderName = "Origin"
    package static let range: HeaderName = "Range"
    package static let retryAfter: HeaderName = "Retry-After"
    package static let setCookie: HeaderName = "Set-Cookie"
    package static let trailer: HeaderName = "Trailer"
    package static let transferEncoding: HeaderName = "Transfer-Encoding"
    package static let userAgent: HeaderName = "User-Agent"
    package static let vary: HeaderName = "Vary"
    package static let wwwAuthenticate: HeaderName = "WWW-Authenticate"
}
