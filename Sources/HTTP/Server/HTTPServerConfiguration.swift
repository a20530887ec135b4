/// Everything that can be chosen about a server.
package struct HTTPServerConfiguration: Sendable {
    /// Numeric addresses to listen on. `::` takes IPv4 as well.
    package var addresses: [String]
    /// 0 lets the system choose one, the same for every address.
    package var port: Int
    /// Threads that serve connections, at least 1.
    package var eventLoops = 2
    /// Connections beyond this are answered 503 and closed. What a process has descriptors for: `ConnectionAllowance`.
    package var maximumConnections = ConnectionAllowance.most
    package var limits = RequestLimits()
    /// From the first byte of a request to the end of its head: 408 beyond.
    package var headTimeout = Duration.seconds(15)
    /// From the end of the head to the end of a collected content: 408 beyond. For a streamed one, between two pieces.
    package var bodyTimeout = Duration.seconds(60)
    /// Between two requests of a connection, and before the first.
    package var idleTimeout = Duration.seconds(75)
    /// Without the client taking a byte of the response.
    package var sendTimeout = Duration.seconds(60)
    /// How long a refused client may go on sending before its connection is cut.
    package var lingerTimeout = Duration.seconds(2)
    /// Query items whose values may appear in the access log; the others may be secrets.
    package var loggedQueryItems: Set<String> = []

    /// Proxies whose `X-Forwarded-For` names the client.
    package var trustedProxies = TrustedProxies()

    package init(addresses: [String] = ["::"], port: Int = 0) {
        self.addresses = addresses
        self.port = port
    }
}

/// Why a server did not start.
package enum HTTPServerError: Error, Equatable {
    case badAddress(String)
    /// `errno` of the call that failed.
    case cannotListen(address: String, port: Int, call: String, code: Int32)
    case noResources(call: String, code: Int32)
}
