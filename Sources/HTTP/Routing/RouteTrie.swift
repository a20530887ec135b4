/// Frozen routes: a flat array of nodes, each with its literal children, its parameter child and its methods.
struct RouteTrie: Sendable {
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var methods: [(method: HTTPMethod, route: RouteTable.Route)] = []
        var restMethods: [(method: HTTPMethod, route: RouteTable.Route)] = []
    }

    /// Where a path leads.
    struct Match: Sendable {
        let methods: [(method: HTTPMethod, route: RouteTable.Route)]
        let values: [String]
    }

    private var nodes = [Node()]

    init(_ table: RouteTable) {
        for (method, steps, route) in table.entries {
            var current = 0
            var isRest = false
            for step in steps {
                switch step {
                case .literal(let text):
                    if let child = nodes[current].literals[text] {
                        current = child
                    } else {
                        nodes.append(Node())
                        nodes[current].literals[text] = nodes.count - 1
                        current = nodes.count - 1
                    }
                case .parameter:
                    if let child = nodes[current].parameter {
                        current = child
                    } else {
                        nodes.append(Node())
                        nodes[current].parameter = nodes.count - 1
                        current = nodes.count - 1
                    }
                case .rest: isRest = true
                }
            }
            if isRest { nodes[current].restMethods.append((method, route)) } else { nodes[current].methods.append((method, route)) }
        }
    }

    /// The most literal match; a literal that leads nowhere falls back to the parameter beside it.
    func match(_ segments: [String]) -> Match? {
        var values: [String] = []
        return match(segments, 0, node: 0, &values)
    }

    /// Depth is bounded by the longest template, width by two per segment.
    private func match(_ segments: [String], _ index: Int, node: Int, _ values: inout [String]) -> Match? {
        let current = nodes[node]
        guard index < segments.count else {
            return current.methods.isEmpty ? nil : Match(methods: current.methods, values: values)
        }
        let segment = segments[index]
        if let child = current.literals[segment], let found = match(segments, index + 1, node: child, &values) { return found }
        if let child = current.parameter, !segment.isEmpty {
            values.append(segment)
            if let found = match(segments, index + 1, node: child, &values) { return found }
            values.removeLast()
        }
        guard !current.restMethods.isEmpty else { return nil }
        return Match(methods: current.restMethods, values: values + [segments[index...].joined(separator: "/")])
    }
}
