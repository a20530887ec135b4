/// Routes while they are gathered; a `Router` freezes them.
package struct RouteTable: Sendable {
    /// What answers one method of one template.
    struct Route: Sendable {
        let parameterNames: [String]
        let body: BodyPolicy
        let handler: Handler
    }

    /// One segment of a template.
    enum Step: Hashable {
        case literal(String)
        case parameter
        /// All remaining segments, at least one.
        case rest
    }

    private(set) var entries: [(method: HTTPMethod, steps: [Step], route: Route)] = []
    private var seen: Set<String> = []

    package init() {}

    /// Adds a route.
    ///
    /// - Parameter template: `/v1/videos/{videoId}/in/status`; `{name}` takes one whole segment, a last `{name...}` all the
    ///   remaining ones, joined with `/`. Literals win over parameters, parameters over the rest.
    /// - Throws: `RouteError` for a malformed template or one that is there already.
    package mutating func add(
        _ method: HTTPMethod, _ template: String, body: BodyPolicy = .standard, handler: @escaping Handler
    ) throws(RouteError) {
        guard template.hasPrefix("/") else { throw .malformed(template: template) }
        var steps: [Step] = []
        var names: [String] = []
        let parts = template == "/" ? [] : template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            guard part.hasPrefix("{") else {
                guard !part.isEmpty, !part.contains(where: { $0 == "{" || $0 == "}" }) else { throw .malformed(template: template) }
                steps.append(.literal(String(part)))
                continue
            }
            let takesRest = part.hasSuffix("...}")
            let name = String(part.dropFirst().dropLast(takesRest ? 4 : 1))
            guard part.hasSuffix("}"), !name.isEmpty, !names.contains(name), !takesRest || index == parts.count - 1 else {
                throw .malformed(template: template)
            }
            names.append(name)
            steps.append(takesRest ? .rest : .parameter)
        }
        guard seen.insert("\(method) \(steps)").inserted else { throw .doubled(method: method, template: template) }
        entries.append((method, steps, Route(parameterNames: names, body: body, handler: handler)))
    }

    /// Adds a route whose handler is reached through a chain.
    package mutating func add<Context: Sendable>(
        _ method: HTTPMethod, _ template: String, _ chain: Chain<Context>, body: BodyPolicy = .standard,
        handler: @escaping @Sendable (HTTPRequest, Context) async throws -> HTTPResponse
    ) throws(RouteError) {
        try add(method, template, body: body, handler: chain.handler(handler))
    }
}

/// A mistake in the routes, found when the server starts.
package enum RouteError: Error, Equatable {
    case malformed(template: String)
    case doubled(method: HTTPMethod, template: String)
}
