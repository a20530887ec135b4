import HTTP
import Testing

@Suite struct HTTPClientTLSTests {
    static let policy = OutgoingURLPolicy(allowPrivateNetworks: true)

    @Test("an added authority is trusted, beside those of the system; without it the connection fails")
    func authorities() async throws {
        let server = try await TLSServer.start()
        let request = ClientRequest(.get, "https://127.0.0.1:\(server.port)/x", policy: Self.policy)
        let trusting = try HTTPClient(authorities: .systemAnd(path: server.authority))
        let response = try await trusting.send(request)
        #expect(response.status == .ok && response.body.count == 100_000)
        var ranged = request
        ranged.headers[.range] = "bytes=10-19"
        #expect(try await trusting.send(ranged).status == .partialContent)
        var named = request
        named.url = "https://localhost:\(server.port)/x"
        #expect(try await trusting.send(named).status == .ok)
        guard case .tls? = await HTTPClientTests.failure(try HTTPClient(), request) else {
            Issue.record("an unknown authority was trusted")
            return
        }
    }

    @Test("a certificate for another name is refused")
    func wrongName() async throws {
        let server = try await TLSServer.start(names: "DNS:other.example")
        let client = try HTTPClient(authorities: .systemAnd(path: server.authority))
        let request = ClientRequest(.get, "https://127.0.0.1:\(server.port)/x", policy: Self.policy)
        guard case .tls? = await HTTPClientTests.failure(client, request) else {
            Issue.record("a foreign certificate was accepted")
            return
        }
    }

    @Test("a file of authorities that is missing is an error at once")
    func missingAuthorities() {
        #expect(throws: HTTPClientError.self) { try HTTPClient(authorities: .systemAnd(path: "/nonexistent.pem")) }
    }
}
