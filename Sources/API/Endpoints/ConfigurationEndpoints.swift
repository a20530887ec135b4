import Domain
import HTTP
import Postgres
import Primitives
import Store

/// The four operations on processing configurations.
struct ConfigurationEndpoints: Sendable {
    let configurations: ConfigurationStore

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/processing-configurations", create)
        try routes.keyed(.get, "/v1/processing-configurations", list)
        try routes.keyed(.get, "/v1/processing-configurations/{confId}", get)
        try routes.keyed(.delete, "/v1/processing-configurations/{confId}", delete)
    }

    /// Options are checked by the rules that need no source. What this build cannot run yet is kept: starting decides.
    @Sendable private func create(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let selected = QueryReader(request, known: ["selectTeamId"], problems: problems).id("selectTeamId", of: Team.self)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name", "description", "options"], problems: problems)
        let name = reader.requiredText("name", length: 1...47)
        let description = reader.text("description", length: 0...511)
        reader.require("options")
        let options = reader.value("options").map { ProcessingOptions(reading: $0, path: "options", problems: problems) }
        options?.check(path: "options", problems: problems)
        try problems.check()
        let text = try (options ?? ProcessingOptions()).jsonText()
        let team = try caller.team(selected: selected)
        let record = try await configurations.create(team: team, name: name, description: description, options: JSONDocument(text))
        return .json(.created, record.json(callerTeam: team))
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team, mode) = try request.reading(known: PageQuery.parameters + ["teamId", "builtInMode"]) {
            ($0.page(), $0.id("teamId", of: Team.self), $0.filterMode("builtInMode"))
        }
        let callerTeam = try caller.filter(team: team) ?? caller.team(selected: nil)
        let records = try await configurations.list(scope: caller.scope, team: team, builtInMode: mode, page: page)
        return .json(.ok, records.json { $0.json(callerTeam: callerTeam) })
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let id: ID<Configuration> = try request.parameters.value("confId")
        let team = try caller.team(selected: nil)
        guard let record = try await configurations.get(id, scope: caller.scope) else { throw APIError.notFound(.configuration) }
        return .json(.ok, record.json(callerTeam: team))
    }

    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await configurations.delete(try request.parameters.value("confId"), scope: caller.scope)
        return .empty
    }
}
