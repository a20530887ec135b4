package import Primitives

/// One request, complete but for a streamed body.
package struct HTTPRequest: Sendable {
    /// One reference, so that handing a request down a chain copies one word.
    private final class Storage: Sendable {
        let id: ID<HTTPRequest>
        let method: HTTPMethod
        let target: RequestTarget
        let headers: HeaderFields
        let remoteAddress: String
        let parameters: RouteParameters
        let body: RequestBody

        init(
            id: ID<HTTPRequest>, method: HTTPMethod, target: RequestTarget, headers: HeaderFields, remoteAddress: String,
            parameters: RouteParameters, body: RequestBody
        ) {
            (self.id, self.method, self.target, self.headers) = (id, method, target, headers)
            (self.remoteAddress, self.parameters, self.body) = (remoteAddress, parameters, body)
        }
    }

    private let storage: Storage

    package init(
        id: ID<HTTPRequest> = ID(), method: HTTPMethod, target: RequestTarget, headers: HeaderFields = [:],
        remoteAddress: String = "127.0.0.1", parameters: RouteParameters = RouteParameters(), body: RequestBody = RequestBody()
    ) {
        storage = Storage(
            id: id, method: method, target: target, headers: headers, remoteAddress: remoteAddress, parameters: parameters, body: body)
    }

    /// For tests: nil when the target is not one.
    package init?(_ method: HTTPMethod, _ target: String, headers: HeaderFields = [:], body: [UInt8] = []) {
        guard let target = RequestTarget(target) else { return nil }
        self.init(method: method, target: target, headers: headers, body: RequestBody(body))
    }

    /// Identity of the request in logs and in error answers.
    package var id: ID<HTTPRequest> { storage.id }
    package var method: HTTPMethod { storage.method }
    /// The whole target in origin form, still encoded.
    package var target: String { storage.target.text }
    /// The target before `?`, still encoded.
    package var path: String { storage.target.path }
    /// Percent-decoded path segments.
    package var segments: [String] { storage.target.segments }
    /// Percent-decoded query items in order; `+` stays `+`.
    package var query: [QueryItem] { storage.target.query }
    package var headers: HeaderFields { storage.headers }
    /// Address of the peer without its port, as `192.0.2.1` or `2001:db8::1`.
    package var remoteAddress: String { storage.remoteAddress }
    /// Values of the route's `{name}` segments.
    package var parameters: RouteParameters { storage.parameters }
    package var body: RequestBody { storage.body }

    /// The first value of a query item: empty for a bare name, nil when the item is absent.
    package func query(_ name: String) -> String? {
        for item in storage.target.query where item.name == name { return item.value ?? "" }
        return nil
    }

    /// The same request as the route sees it.
    func with(parameters: RouteParameters) -> HTTPRequest {
        HTTPRequest(
            id: id, method: method, target: storage.target, headers: headers, remoteAddress: remoteAddress, parameters: parameters,
            body: body)
    }
}
