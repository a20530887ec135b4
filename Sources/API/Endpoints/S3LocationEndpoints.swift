import Credentials
import Domain
import HTTP
import Primitives
import S3
import Store

/// The five operations on stored S3 locations of one direction.
struct S3LocationEndpoints: Sendable {
    let locations: S3LocationStore
    /// `/v1/input-locations/s3`, `/v1/output-locations/s3`.
    let path: String
    let secretBox: SecretBox

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, path, create)
        try routes.keyed(.get, path, list)
        try routes.keyed(.get, path + "/{id}", get)
        try routes.keyed(.patch, path + "/{id}", update)
        try routes.keyed(.delete, path + "/{id}", delete)
    }

    private static let nameLength = 1...255

    @Sendable private func create(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let selected = QueryReader(request, known: ["selectTeamId"], problems: problems).id("selectTeamId", of: Team.self)
        let reader = ObjectReader(try request.requiredJSON(), known: ObjectReader.bucketMembers + ["name"], problems: problems)
        let (bucket, credentials) = reader.bucket()
        let name = reader.requiredText("name", length: Self.nameLength)
        try problems.check()
        let record = try await locations.create(
            team: try caller.team(selected: selected),
            S3LocationValues(name: name, bucket: bucket, sealedCredentials: try credentials.sealed(by: secretBox)))
        return .json(.created, try record.json(secretBox))
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team) = try request.reading(known: PageQuery.parameters + ["teamId"]) { ($0.page(), $0.id("teamId", of: Team.self)) }
        let records = try await locations.list(scope: caller.scope, team: try caller.filter(team: team), page: page)
        return .json(.ok, try records.json { try $0.json(secretBox) })
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let record = try await locations.get(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.s3Location)
        }
        return .json(.ok, try record.json(secretBox))
    }

    /// What is absent stays as it is; one of the two keys can be changed alone.
    @Sendable private func update(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<S3Location> = try request.parameters.value("id")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ObjectReader.bucketMembers + ["name"], problems: problems)
        let (bucket, accessKey, secret) = (reader.bucketName(), reader.accessKey("accessKey"), reader.accessKey("secretAccessKey"))
        let name = reader.text("name", length: Self.nameLength)
        try problems.check()
        let box = secretBox
        let record = try await locations.update(id, scope: caller.scope) { record in
            var values = S3LocationValues(
                name: name ?? record.name, bucket: bucket ?? record.bucket, sealedCredentials: record.sealedCredentials)
            if accessKey != nil || secret != nil {
                let old = try S3Credentials(sealed: record.sealedCredentials, by: box)
                values.sealedCredentials = try S3Credentials(
                    accessKey: accessKey ?? old.accessKey, secretAccessKey: secret ?? old.secretAccessKey
                ).sealed(by: box)
            }
            return values
        }
        return .json(.ok, try record.json(secretBox))
    }

    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await locations.delete(try request.parameters.value("id"), scope: caller.scope)
        return .empty
    }
}
