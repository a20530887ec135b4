import Domain
import HTTP

/// What watches the server: whether it lives, and whether it can work.
struct HealthEndpoints: Sendable {
    let readiness: @Sendable () async -> Readiness

    func register(in routes: inout APIRoutes) throws {
        for prefix in ["", "/api"] {
            try routes.open(.get, prefix + "/healthz") { _ in Self.alive }
            try routes.open(.get, prefix + "/readyz", ready)
        }
    }

    private static let alive = HTTPResponse.json(.ok, .members(["status": .string("ok")]))

    @Sendable private func ready(_ request: HTTPRequest) async throws -> HTTPResponse {
        let readiness = await readiness()
        let checks = readiness.checks.map { check in
            JSON.members(["name": .string(check.name), "ok": .boolean(check.problem == nil), "problem": check.problem.map { .string($0) }])
        }
        let status = readiness.isReady ? "ready" : "not ready"
        return .json(
            readiness.isReady ? .ok : .serviceUnavailable, .members(["status": .string(status), "checks": .array(checks)]))
    }
}

/// Whether the server can work, and what hinders it.
package struct Readiness: Hashable, Sendable {
    /// One thing the server needs.
    package struct Check: Hashable, Sendable {
        package let name: String
        /// Nil when it is in order.
        package let problem: String?

        package init(_ name: String, problem: String? = nil) {
            self.name = name
            self.problem = problem
        }
    }

    package let checks: [Check]

    package init(_ checks: [Check]) { self.checks = checks }

    package var isReady: Bool { checks.allSatisfy { $0.problem == nil } }
}
