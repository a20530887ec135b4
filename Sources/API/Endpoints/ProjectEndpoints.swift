import Domain
import HTTP
import Primitives
import Store

/// The six operations on projects.
struct ProjectEndpoints: Sendable {
    let projects: ProjectStore

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/projects", create)
        try routes.keyed(.get, "/v1/projects", list)
        try routes.keyed(.get, "/v1/projects/default", defaultProject)
        try routes.keyed(.get, "/v1/projects/{id}", get)
        try routes.keyed(.patch, "/v1/projects/{id}", update)
        try routes.keyed(.delete, "/v1/projects/{id}", delete)
    }

    private static let nameLength = 1...47

    @Sendable private func create(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let selected = QueryReader(request, known: ["selectTeamId"], problems: problems).id("selectTeamId", of: Team.self)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name"], problems: problems)
        let name = reader.requiredText("name", length: Self.nameLength)
        try problems.check()
        return .json(.created, try await projects.create(team: try caller.team(selected: selected), name: name).json)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team) = try request.reading(known: PageQuery.parameters + ["teamId"]) { ($0.page(), $0.id("teamId", of: Team.self)) }
        return .json(.ok, try await projects.list(scope: caller.scope, team: try caller.filter(team: team), page: page).json(\.json))
    }

    @Sendable private func defaultProject(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let selected = try request.reading(known: ["selectTeamId"]) { $0.id("selectTeamId", of: Team.self) }
        guard let project = try await projects.defaultProject(of: try caller.team(selected: selected)) else {
            throw APIError.notFound(.project)
        }
        return .json(.ok, project.json)
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let project = try await projects.get(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.project)
        }
        return .json(.ok, project.json)
    }

    @Sendable private func update(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Project> = try request.parameters.value("id")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name"], problems: problems)
        let name = reader.text("name", length: Self.nameLength)
        try problems.check()
        if let name { return .json(.ok, try await projects.rename(id, scope: caller.scope, to: name).json) }
        guard let project = try await projects.get(id, scope: caller.scope) else { throw APIError.notFound(.project) }
        return .json(.ok, project.json)
    }

    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await projects.delete(try request.parameters.value("id"), scope: caller.scope)
        return .empty
    }
}
