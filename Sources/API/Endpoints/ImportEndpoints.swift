import Credentials
import Domain
import FoundationEssentials
import HTTP
import Postgres
import Primitives
import Store

/// Imports from HTTPS: start, status, restart, abandon.
struct ImportEndpoints: Sendable {
    let imports: ImportStore
    let videos: VideoStore
    let projects: ProjectStore
    let secretBox: SecretBox
    let source: SourceProbe
    let capabilities: Capabilities

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/in/https", start)
        try routes.keyed(.get, "/v1/videos/{videoId}/in/status", status)
        try routes.keyed(.post, "/v1/videos/{videoId}/in/restart", restart)
        try routes.keyed(.delete, "/v1/videos/{videoId}/in/abandon", abandon)
    }

    /// What the body and the query of a start say.
    private struct Wish {
        var name: String
        var description: String?
        var project: ID<Project>?
        var fileName: String?
        var url: String
        var team: ID<Team>?
        var fullIngestion: Bool
        var request: ImportRequest
    }

    /// Connections an import may copy with at once.
    private static let connections = 1...32

    @Sendable private func start(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let wish = try read(request)
        let team = try caller.team(selected: wish.team)
        let project = try await project(wish.project, of: team)
        let facts = try await source.probe(wish.url)
        let fileName = String((wish.fileName ?? facts.fileName ?? "video").prefix(255))
        let document = JSONDocument(String(decoding: try JSONEncoder().encode(wish.request), as: UTF8.self))
        let video = try await imports.start(
            NewImport(
                team: team, user: caller.user, project: project, name: wish.name, description: wish.description,
                fullIngestion: wish.fullIngestion,
                file: AnnouncedFile(name: fileName, size: facts.byteCount, mimeType: facts.mimeType), request: document,
                sealedSecret: try secretBox.seal(Array(wish.url.utf8), context: ImportRequest.sealContext)))
        return .json(.accepted, try video.importStatus() ?? .null)
    }

    private func read(_ request: HTTPRequest) throws -> Wish {
        let problems = ProblemCollector()
        let query = QueryReader(
            request, known: ["fullIngestion", "selectTeamId", "crc32c", "maxConcurrentConnections"], problems: problems)
        let reader = ObjectReader(
            try request.requiredJSON(), known: ["name", "description", "projectId", "fileName", "url"], problems: problems)
        let wish = Wish(
            name: reader.requiredText("name", length: 1...255), description: reader.text("description", length: 0...511),
            project: reader.id("projectId", of: Project.self), fileName: reader.text("fileName", length: 1...255),
            url: reader.requiredText("url", length: 1...4096), team: query.id("selectTeamId", of: Team.self),
            fullIngestion: query.boolean("fullIngestion") ?? false,
            request: ImportRequest(
                crc32c: query.integer("crc32c", in: 0...Int(UInt32.max)).map { UInt32(truncatingIfNeeded: $0) },
                maximumConnections: query.integer("maxConcurrentConnections", in: Self.connections) ?? 10))
        if wish.fullIngestion, !capabilities.ingestsFully {
            problems.add(
                Problem(
                    .unavailable, field: "fullIngestion", actual: "true", "is not available in this build yet; available: false"))
        }
        try problems.check()
        return wish
    }

    private func project(_ id: ID<Project>?, of team: ID<Team>) async throws -> ID<Project> {
        if let id {
            guard let project = try await projects.get(id, scope: TeamScope(team)) else {
                throw ValidationFailure(problems: [
                    Problem(field: "projectId", actual: id.description, "must be a project of the selected team")
                ])
            }
            return project.id
        }
        guard let project = try await projects.defaultProject(of: team) else {
            throw ValidationFailure(problems: [
                Problem(field: "projectId", actual: nil, "is required: the team has no project named 'Default Project' any more")
            ])
        }
        return project.id
    }

    @Sendable private func status(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let status = try await videos.find(request, caller).importStatus() else { return .empty }
        return .json(.ok, status)
    }

    @Sendable private func restart(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let skip = try request.reading(known: ["skipChecksumValidation"]) { $0.boolean("skipChecksumValidation") ?? false }
        let video = try await imports.restart(try request.parameters.value("videoId"), scope: caller.scope, skipChecksum: skip)
        return .json(.accepted, try video.importStatus() ?? .null)
    }

    @Sendable private func abandon(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await imports.abandon(try request.parameters.value("videoId"), scope: caller.scope)
        return .empty
    }
}
