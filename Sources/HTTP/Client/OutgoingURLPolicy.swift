/// Which URLs the server itself may be sent to by its users: the guard against requests forged from inside (SSRF).
///
/// The rule: parse once, check scheme, port and host, resolve all addresses, refuse if any is not global unicast, connect only
/// to a checked address, check the peer again, and start over at every redirect.
package struct OutgoingURLPolicy: Hashable, Sendable {
    /// Schemes that are allowed.
    package enum Schemes: Hashable, Sendable {
        case httpsOnly
        /// http as well, but only where private networks are allowed: webhooks and object storage in development.
        case httpsUnlessPrivate
    }

    /// Lifts the rules about addresses, names and ports: for what users give, in development and tests only.
    package let allowsPrivateNetworks: Bool
    package let schemes: Schemes

    package init(allowPrivateNetworks: Bool = false, schemes: Schemes = .httpsOnly) {
        allowsPrivateNetworks = allowPrivateNetworks
        self.schemes = schemes
    }

    /// For a service whose address the operator has set, and no user can: it may be anywhere.
    package static let operatorEndpoint = OutgoingURLPolicy(allowPrivateNetworks: true, schemes: .httpsUnlessPrivate)

    /// Everything that can be said without asking the network.
    package func check(_ text: String) throws(URLRefusal) -> OutgoingURL {
        let url = try OutgoingURL(text)
        guard url.scheme == .https || (schemes == .httpsUnlessPrivate && allowsPrivateNetworks) else { throw .scheme("http") }
        guard !allowsPrivateNetworks else { return url }
        guard url.port == 443 else { throw .port(url.port) }
        if let address = url.address { try check(address) }
        if Self.isReserved(url.host) { throw .reservedName(url.host) }
        return url
    }

    /// What can be said against a URL without asking the network; nil when nothing can.
    package func refusal(_ text: String) -> URLRefusal? {
        do throws(URLRefusal) { _ = try check(text) } catch { return error }
        return nil
    }

    /// Whether a connection to the address is allowed.
    package func check(_ address: IPAddress) throws(URLRefusal) {
        guard allowsPrivateNetworks || address.isGlobalUnicast else { throw .address(address.description) }
    }

    /// Names that never mean a host of the public Internet (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's `internal`).
    private static func isReserved(_ host: String) -> Bool {
        let suffixes = ["localhost", "local", "localdomain", "internal", "home.arpa", "onion", "invalid", "alt"]
        return suffixes.contains { host == $0 || host.hasSuffix("." + $0) }
    }
}

/// Why a URL is not requested.
package enum URLRefusal: Error, Hashable, Sendable {
    case malformed
    case scheme(String)
    case port(Int)
    case userInfo
    /// Neither a DNS name nor the strict text of an address.
    case host(String)
    case reservedName(String)
    /// An address that is not global unicast: given, resolved, or found at the other end.
    case address(String)

    /// What is wrong and what is allowed, for the user.
    package var message: String {
        switch self {
        case .malformed: "The URL is malformed."
        case .scheme(let scheme): "The scheme \(scheme) is not allowed: use https."
        case .port(let port): "Port \(port) is not allowed: use 443."
        case .userInfo: "User name and password are not allowed in a URL."
        case .host(let host): "\(host.isEmpty ? "The empty host" : host) is not a valid host name."
        case .reservedName(let name): "The host \(name) is not on the public Internet."
        case .address(let address): "The address \(address) is not a public one."
        }
    }
}
