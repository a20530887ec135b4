import HTTP

/// Under which address clients reach the server: the base of the URLs it hands out.
struct PublicAddress: Sendable {
    /// `https://media.example.com`, without a slash at the end; nil takes each request's own host, over http.
    let publicURL: String?

    /// Scheme, host and port, for the answer to a request.
    func base(for request: HTTPRequest) -> String { publicURL ?? "http://\(request.headers[.host] ?? "localhost")" }
}
