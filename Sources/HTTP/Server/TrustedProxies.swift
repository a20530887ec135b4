/// Proxies in front of the server that are believed when they say whose request they hand on.
package struct TrustedProxies: Sendable {
    private let blocks: [AddressBlock]

    /// - Parameter blocks: where the proxies are; none trusts nobody.
    package init(_ blocks: [AddressBlock] = []) { self.blocks = blocks }

    /// Whether the peer of a connection is such a proxy.
    func contains(_ peer: String) -> Bool {
        guard !blocks.isEmpty, let address = IPAddress(peer) else { return false }
        return contains(address)
    }

    private func contains(_ address: IPAddress) -> Bool { blocks.contains { $0.contains(address.unmapped) } }

    /// Whose request it is that a trusted `peer` hands on: of the addresses in `X-Forwarded-For`, each written by the one behind
    /// it, the last that is not itself such a proxy. What stands before that, or before something that is no address, may be
    /// made up.
    func client(of headers: HeaderFields, peer: String) -> String {
        var client = peer
        for entry in headers.list("X-Forwarded-For").reversed() {
            guard let address = Self.address(entry)?.unmapped else { break }
            client = address.description
            guard contains(address) else { break }
        }
        return client
    }

    /// With or without a port, as proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
    private static func address(_ entry: String) -> IPAddress? {
        if let address = IPAddress(entry) { return address }
        if entry.hasPrefix("["), let end = entry.firstIndex(of: "]") {
            return IPAddress(String(entry[entry.index(after: entry.startIndex)..<end]))
        }
        let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? IPAddress(String(parts[0])) : nil
    }
}
