/// A request method: a token, compared with regard to case (RFC 9110 §9.1).
package struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    /// The token as it stands in the request line.
    package let description: String

    /// Nil when the text is no token or longer than 32 bytes.
    package init?(_ token: String) {
        guard ByteClass.isToken(token), token.utf8.count <= 32 else { return nil }
        description = token
    }

    init(known token: String) { description = token }

    package static let get = HTTPMethod(known: "GET")
    package static let head = HTTPMethod(known: "HEAD")
    package static let post = HTTPMethod(known: "POST")
    package static let put = HTTPMethod(known: "PUT")
    package static let patch = HTTPMethod(known: "PATCH")
    package static let delete = HTTPMethod(known: "DELETE")
    package static let options = HTTPMethod(known: "OPTIONS")
    package static let connect = HTTPMethod(known: "CONNECT")
    package static let trace = HTTPMethod(known: "TRACE")
}
