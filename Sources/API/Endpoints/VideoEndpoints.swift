import Domain
import HTTP
import Primitives
import Store

/// Finding, changing and deleting videos.
struct VideoEndpoints: Sendable {
    let videos: VideoStore
    let projects: ProjectStore

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/videos", list)
        try routes.keyed(.get, "/v1/videos/{videoId}", get)
        try routes.keyed(.patch, "/v1/videos/{videoId}", update)
        try routes.keyed(.delete, "/v1/videos/{videoId}", delete)
        try routes.keyed(.get, "/v1/videos/{videoId}/derived", derived)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let known = PageQuery.parameters + ["teamId", "projectId", "masterVideoId", "clipId", "clipMode"]
        let (page, filter) = try request.reading(known: known) { query in
            (
                query.page(),
                VideoFilter(
                    team: query.id("teamId", of: Team.self), project: query.id("projectId", of: Project.self),
                    master: query.id("masterVideoId", of: Video.self), clip: query.id("clipId", of: Video.self),
                    clipMode: query.filterMode("clipMode"))
            )
        }
        _ = try caller.filter(team: filter.team)
        if let project = filter.project, try await projects.get(project, scope: caller.scope) == nil { throw APIError.notFound(.project) }
        return .json(.ok, try await videos.list(scope: caller.scope, filter: filter, page: page).json { $0.payload })
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(.ok, try await videos.find(request, caller).payload)
    }

    @Sendable private func update(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["name", "description"], problems: problems)
        let name = reader.text("name", length: 1...255)
        let description = reader.text("description", length: 0...511)
        try problems.check()
        return .json(.ok, try await videos.update(id, scope: caller.scope, name: name, description: description).payload)
    }

    /// The body, if any, lists the derived videos the caller expects to lose; the answer all that were deleted.
    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let expected = try request.optionalJSON().map { Self.ids($0, problems) }
        try problems.check()
        let deleted = try await videos.delete(id, scope: caller.scope, expecting: expected)
        return .json(.ok, .array(deleted.map(\.json)))
    }

    @Sendable private func derived(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let page = try request.reading(known: PageQuery.parameters) { $0.page() }
        guard try await videos.get(id, scope: caller.scope) != nil else { throw APIError.notFound(.video) }
        return .json(.ok, try await videos.derived(of: id, scope: caller.scope, page: page).json { $0.payload })
    }

    private static func ids(_ json: JSON, _ problems: ProblemCollector) -> [ID<Video>] {
        guard case .array(let items) = json else {
            problems.add(Problem(field: "", actual: json.shortText, "must be a list of UUIDs, not \(json.kind)"))
            return []
        }
        return items.enumerated().compactMap { index, item in
            if let id = item.text.flatMap({ ID<Video>($0) }) { return id }
            problems.add(Problem(field: "[\(index)]", actual: item.shortText, "must be a UUID"))
            return nil
        }
    }
}

extension VideoStore {
    /// The video of the path, for a caller who may see it. Throws 400 for a malformed id, 404 for none.
    func find(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> VideoRecord {
        guard let video = try await get(try request.parameters.value("videoId"), scope: caller.scope) else {
            throw APIError.notFound(.video)
        }
        return video
    }
}
