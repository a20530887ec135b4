import Primitives

/// Frozen routes with the generic answers around them: HEAD by GET routes, OPTIONS, 404, 405 with `Allow`.
package struct Router: HTTPApplication {
    private let trie: RouteTrie
    private let everyMethod: [HTTPMethod]
    private let failures: @Sendable (HTTPFailure) -> HTTPResponse

    /// - Parameter failures: makes the answer to what no handler answered; it must not wait. The router adds `Allow` to a 405.
    package init(_ routes: RouteTable, failures: @escaping @Sendable (HTTPFailure) -> HTTPResponse) {
        trie = RouteTrie(routes)
        everyMethod = Self.allowed(routes.entries.map(\.method))
        self.failures = failures
    }

    package func resolve(_ method: HTTPMethod, _ target: RequestTarget) -> Resolution {
        if target.text == "*" { return Self.options(everyMethod) }
        guard let match = trie.match(target.segments) else { return refusal(.noRoute) }
        // RFC 9110 §9.3.2: HEAD is GET without the content, which the server leaves out.
        for wanted in method == .head ? [.head, .get] : [method] {
            for (candidate, route) in match.methods where candidate == wanted {
                return Resolution(
                    body: route.body, parameters: RouteParameters(names: route.parameterNames, values: match.values), handler: route.handler
                )
            }
        }
        let allowed = Self.allowed(match.methods.map(\.method))
        return method == .options ? Self.options(allowed) : refusal(.methodNotAllowed(allowed: allowed))
    }

    package func response(to failure: HTTPFailure) -> HTTPResponse {
        var response = failures(failure)
        if case .methodNotAllowed(let allowed) = failure.reason {
            response.headers[.allow] = allowed.map(\.description).joined(separator: ", ")
        }
        return response
    }

    /// Runs one request without sockets, as the server would.
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let target = RequestTarget(request.target) else {
            return response(to: HTTPFailure(.malformed(.target), requestID: request.id, method: request.method))
        }
        let resolution = resolve(request.method, target)
        return await resolution.response(to: request.with(parameters: resolution.parameters), in: self)
    }

    private func refusal(_ reason: HTTPFailure.Reason) -> Resolution {
        let router = self
        return Resolution { request in
            router.response(to: HTTPFailure(reason, requestID: request.id, method: request.method, path: request.path))
        }
    }

    private static func options(_ allowed: [HTTPMethod]) -> Resolution {
        Resolution { _ in
            HTTPResponse(.noContent, headers: [.allow: allowed.map(\.description).joined(separator: ", ")])
        }
    }

    private static func allowed(_ methods: [HTTPMethod]) -> [HTTPMethod] {
        var all = Set(methods)
        if all.contains(.get) { all.insert(.head) }
        all.insert(.options)
        return all.sorted { $0.description < $1.description }
    }
}

extension Resolution {
    /// The handler's answer; an error that leaves the handler becomes the application's answer to that.
    func response(to request: HTTPRequest, in application: some HTTPApplication) async -> HTTPResponse {
        do {
            return try await handler(request)
        } catch {
            let failure = HTTPFailure(.handlerFailed("\(error)"), requestID: request.id, method: request.method, path: request.path)
            return application.response(to: failure)
        }
    }
}
