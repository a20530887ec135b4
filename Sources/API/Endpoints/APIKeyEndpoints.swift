import Credentials
import Domain
import HTTP
import Primitives
import Store

/// The seven operations on the caller's API keys, reached with e-mail and password.
struct APIKeyEndpoints: Sendable {
    let keys: APIKeyStore

    func register(in routes: inout APIRoutes) throws {
        try routes.signedIn(.post, "/v1/api-keys", create)
        try routes.signedIn(.get, "/v1/api-keys", list)
        try routes.signedIn(.get, "/v1/api-keys/{id}", get)
        try routes.signedIn(.patch, "/v1/api-keys/{id}", update)
        try routes.signedIn(.delete, "/v1/api-keys/{id}", delete)
        try routes.signedIn(.post, "/v1/api-keys/{id}/activate") { try await setActive($0, $1, true) }
        try routes.signedIn(.post, "/v1/api-keys/{id}/deactivate") { try await setActive($0, $1, false) }
    }

    private static let nameLength = 1...127
    private static let descriptionLength = 0...511

    @Sendable private func create(_ request: HTTPRequest, _ user: UserRecord) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name", "description", "active"], problems: problems)
        let name = reader.requiredText("name", length: Self.nameLength)
        let description = reader.text("description", length: Self.descriptionLength)
        let isActive = reader.requiredBoolean("active")
        try problems.check()
        let secret = APIKeySecret.generate()
        let key = try await keys.create(for: user.id, name: name, description: description, isActive: isActive, secret: secret)
        var response = HTTPResponse.json(.created, key.json(secret: secret.text))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    @Sendable private func list(_ request: HTTPRequest, _ user: UserRecord) async throws -> HTTPResponse {
        let page = try request.reading(known: PageQuery.parameters) { $0.page() }
        return .json(.ok, try await keys.list(user: user.id, page: page).json(\.json))
    }

    @Sendable private func get(_ request: HTTPRequest, _ user: UserRecord) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let key = try await keys.get(try request.parameters.value("id"), user: user.id) else { throw APIError.notFound(.apiKey) }
        return .json(.ok, key.json)
    }

    @Sendable private func update(_ request: HTTPRequest, _ user: UserRecord) async throws -> HTTPResponse {
        let id: ID<APIKey> = try request.parameters.value("id")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name", "description"], problems: problems)
        let name = reader.text("name", length: Self.nameLength)
        let description = reader.text("description", length: Self.descriptionLength)
        try problems.check()
        return .json(.ok, try await keys.update(id, user: user.id, name: name, description: description).json)
    }

    private func setActive(_ request: HTTPRequest, _ user: UserRecord, _ isActive: Bool) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(.ok, try await keys.setActive(try request.parameters.value("id"), user: user.id, isActive).json)
    }

    @Sendable private func delete(_ request: HTTPRequest, _ user: UserRecord) async throws -> HTTPResponse {
        try request.readingNothing()
        try await keys.delete(try request.parameters.value("id"), user: user.id)
        return .empty
    }
}
