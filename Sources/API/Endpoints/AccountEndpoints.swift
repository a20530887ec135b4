import Domain
import HTTP
import Primitives
import Store

/// Who the caller is, and the teams the caller works in.
struct AccountEndpoints: Sendable {
    let accounts: AccountStore
    let teams: TeamStore

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/account", account)
        try routes.keyed(.get, "/v1/teams", list)
        try routes.keyed(.get, "/v1/teams/{id}", team)
    }

    @Sendable private func account(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let team = try caller.team(selected: nil)
        guard let user = try await accounts.user(caller.user), let defaultTeam = try await teams.get(team, user: caller.user) else {
            throw APIError.notFound(.user)
        }
        return .json(.ok, .members(["user": user.json, "defaultTeam": defaultTeam.json]))
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let page = try request.reading(known: PageQuery.parameters) { $0.page() }
        return .json(.ok, try await teams.list(user: caller.user, page: page).json(\.json))
    }

    @Sendable private func team(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let team = try await teams.get(try request.parameters.value("id"), user: caller.user) else { throw APIError.teamNotFound }
        return .json(.ok, team.json)
    }
}
