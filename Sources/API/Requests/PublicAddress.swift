package import HTTP

/// Under which address clients reach the server: the base of the URLs it hands out.
package struct PublicAddress: Hashable, Sendable {
    /// `https://media.example.com`, or `https://example.com/media` behind a proxy that takes `/media` away before it hands a
    /// request on; never a slash at the end. Nil takes the host that each request names, over http.
    let url: String?

    /// The host that each request names, over http.
    package static let ofEachRequest = PublicAddress(url: nil)

    private init(url: String?) { self.url = url }

    /// - Parameter text: `http://HOST` or `https://HOST`, with or without a port and a path; slashes at its end do not count.
    package init(_ text: String) throws(PublicAddressRefusal) {
        let start = text.prefix(8).lowercased()
        guard start.hasPrefix("http://") || start.hasPrefix("https://") else {
            throw PublicAddressRefusal(reason: "It does not begin with http:// or https://.")
        }
        guard !text.contains("?") else { throw PublicAddressRefusal(reason: "It has a query.") }
        guard !text.contains("#") else { throw PublicAddressRefusal(reason: "It has a fragment.") }
        var url: String
        do throws(URLRefusal) {
            url = try OutgoingURL(text).description
        } catch {
            throw PublicAddressRefusal(reason: error.message)
        }
        while url.hasSuffix("/") { url.removeLast() }
        self.url = url
    }

    /// Scheme, host, port and path, for the answer to a request.
    package func base(for request: HTTPRequest) -> String { url ?? "http://\(request.headers[.host] ?? "localhost")" }

    /// A path of this server as `Location` names it (RFC 9110 §10.2.2): with the address where there is one, else as it is, which
    /// keeps the scheme and the host that the client has used.
    func location(_ path: String) -> String { (url ?? "") + path }
}

/// Why a text is no public address.
package struct PublicAddressRefusal: Error, Hashable {
    /// A sentence.
    package let reason: String
}
