/// An http or https URL taken apart and checked in its syntax; everything that is sent is rebuilt from these parts.
package struct OutgoingURL: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Hashable, Sendable {
        case http, https

        package var defaultPort: Int { self == .https ? 443 : 80 }
    }

    package let scheme: Scheme
    /// A lower-case DNS name, or the text of an address without brackets.
    package let host: String
    /// The host when it is an address.
    package let address: IPAddress?
    package let port: Int
    /// Path and query, at least `/`, encoded as given. A fragment is never sent.
    package let pathAndQuery: String

    /// `https://host[:port]/path?query`.
    package var description: String {
        scheme.rawValue + "://" + authority + pathAndQuery
    }

    /// Host with brackets where needed, and the port unless it is the scheme's own.
    package var authority: String {
        (address?.isIPv4 == false ? "[\(host)]" : host) + (port == scheme.defaultPort ? "" : ":\(port)")
    }

    /// The last segment of the path, percent-decoded; nil when there is none.
    package var lastPathSegment: String? {
        guard let last = RequestTarget(pathAndQuery)?.segments.last, !last.isEmpty else { return nil }
        return last
    }

    /// Scheme, host and port: what credentials belong to.
    func hasSameOrigin(as other: OutgoingURL) -> Bool { scheme == other.scheme && host == other.host && port == other.port }

    /// Reads one absolute URL, stricter than any browser: what two parsers could read differently is refused.
    package init(_ text: String) throws(URLRefusal) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw .malformed
        }
        guard let colon = text.firstIndex(of: ":") else { throw .malformed }
        guard let scheme = Scheme(rawValue: text[..<colon].lowercased()) else { throw .scheme(String(text[..<colon])) }
        let afterScheme = text[text.index(after: colon)...]
        guard afterScheme.hasPrefix("//") else { throw .malformed }
        let rest = afterScheme.dropFirst(2)
        let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { throw .userInfo }
        let tail = rest[end...].prefix(while: { $0 != "#" })
        (self.host, self.address, self.port) = try Self.parse(authority, scheme)
        self.scheme = scheme
        pathAndQuery = tail.hasPrefix("/") ? String(tail) : "/" + tail
    }

    private static func parse(_ authority: Substring, _ scheme: Scheme) throws(URLRefusal) -> (String, IPAddress?, Int) {
        var name = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw .host(String(authority)) }
            name = authority[authority.index(after: authority.startIndex)..<close]
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .host(String(authority)) }
            portText = after.isEmpty ? nil : after.dropFirst()
            guard let address = IPAddress(String(name)), !address.isIPv4 else { throw .host(String(name)) }
            return (address.description, address, try port(portText, scheme))
        }
        if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        let host = name.lowercased()
        let port = try port(portText, scheme)
        if let address = IPAddress(host), address.isIPv4 { return (host, address, port) }
        guard isName(host) else { throw .host(String(name)) }
        return (host, nil, port)
    }

    private static func port(_ text: Substring?, _ scheme: Scheme) throws(URLRefusal) -> Int {
        guard let text else { return scheme.defaultPort }
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = Int(text), (1...65535).contains(port) else {
            throw .malformed
        }
        return port
    }

    /// A DNS name of letters, digits, `-` and `_`, without a final dot. A last label that is a number (`127.1`, `0x7f000001`)
    /// would be read as an IPv4 address by some resolvers and is refused.
    private static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-") else { return false }
            let allowed = label.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D || $0 == 0x5F }
            guard allowed else { return false }
        }
        guard let last = labels.last else { return false }
        if last.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) { return false }
        return !(last.hasPrefix("0x") && last.dropFirst(2).utf8.allSatisfy { ByteClass.hexValue($0) != nil })
    }
}
