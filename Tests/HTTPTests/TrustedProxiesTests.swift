import HTTP
import Testing

@Suite struct TrustedProxiesTests {
    @Test(
        "a block is an address, or an address and a length",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false), ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ])
    func blocks(block: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "anything else is no block",
        arguments: ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "proxy", "::/129", "10.0.0.0/8/8"])
    func refused(text: String) { #expect(AddressBlock(text) == nil) }

    @Test(
        "the client is the last address that is no such proxy; what stands before it may be made up",
        arguments: [
            ("X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"), ("X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n", "203.0.113.9"),
            ("X-Forwarded-For: 203.0.113.9, 127.0.0.2\r\n", "203.0.113.9"),
            ("X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.9:4711\r\n", "203.0.113.9"),
            ("X-Forwarded-For: [2001:db8::1]:80\r\n", "2001:db8::1"), ("X-Forwarded-For: 203.0.113.9, unknown\r\n", "127.0.0.1"),
            ("X-Forwarded-For: 127.0.0.3, 127.0.0.2\r\n", "127.0.0.3"), ("", "127.0.0.1"),
        ])
    func client(headers: String, client: String) async throws {
        let answer = try await Self.answer(headers, trusted: TrustedProxies([try #require(AddressBlock("127.0.0.0/8"))]))
        #expect(answer.hasSuffix("<\(client)>"))
    }

    @Test("who is no such proxy is the client, whatever it says")
    func untrusted() async throws {
        for blocks in [[], ["10.0.0.0/8", "::1"]] {
            let trusted = TrustedProxies(blocks.compactMap { AddressBlock($0) })
            #expect(try await Self.answer("X-Forwarded-For: 203.0.113.9\r\n", trusted: trusted).hasSuffix("<127.0.0.1>"))
        }
    }

    /// Whose request the handler of a server takes it to be.
    private static func answer(_ headers: String, trusted: TrustedProxies) async throws -> String {
        var routes = RouteTable()
        try routes.add(.get, "/who") { text("<\($0.remoteAddress)>") }
        var answer = ""
        try await withServer(routes, configure: { $0.trustedProxies = trusted }) { server in
            let client = try RawClient(port: server.port)
            try await client.send("GET /who HTTP/1.1\r\nHost: h\r\n\(headers)Connection: close\r\n\r\n")
            answer = try await client.readToEnd()
        }
        return answer
    }
}
