import Domain
import HTTP
import Postgres
import Primitives
import Store

/// Starting processing, and how it goes.
struct ProcessingEndpoints: Sendable {
    let videos: VideoStore
    let jobs: JobStore
    let configurations: ConfigurationStore
    let planner: any ProcessingPlanner
    let capabilities: Capabilities

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/start", startWithOptions)
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/start/{confId}", startWithConfiguration)
        try routes.keyed(.get, "/v1/videos/{videoId}/processing/status", status)
        try routes.keyed(.get, "/v1/videos/{videoId}/processing/report", report)
    }

    /// What the query of a start says.
    private struct Wish {
        var name: String?
        var description: String?
        var startMilliseconds: Int?
        var endMilliseconds: Int?

        static let parameters = ["videoName", "videoDescription", "startPosMs", "endPosMs"]

        init(_ query: QueryReader) {
            name = query.text("videoName", length: 1...255)
            description = query.text("videoDescription", length: 0...511)
            startMilliseconds = query.integer("startPosMs", in: Int(Int32.min)...Int(Int32.max))
            endMilliseconds = query.integer("endPosMs", in: Int(Int32.min)...Int(Int32.max))
        }
    }

    @Sendable private func startWithOptions(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let wish = Wish(QueryReader(request, known: Wish.parameters, problems: problems))
        let options = ProcessingOptions(reading: try request.requiredJSON(), problems: problems)
        try problems.check()
        return try await start(wish, options, treatment: "processed", try await videos.find(request, caller), caller)
    }

    @Sendable private func startWithConfiguration(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let wish = try request.reading(known: Wish.parameters) { Wish($0) }
        let video = try await videos.find(request, caller)
        guard let configuration = try await configurations.get(try request.parameters.value("confId"), scope: caller.scope) else {
            throw APIError.notFound(.configuration)
        }
        let options = try ProcessingOptions(json: JSON(parsing: configuration.options.text))
        return try await start(wish, options, treatment: configuration.name, video, caller)
    }

    private func start(
        _ wish: Wish, _ options: ProcessingOptions, treatment: String, _ source: VideoRecord, _ caller: APIKeyStore.Caller
    ) async throws -> HTTPResponse {
        try checkReadiness(of: source)
        let format = try await planner.sourceFormat(of: source)
        let recipe = try options.validated(
            for: format, startMilliseconds: wish.startMilliseconds, endMilliseconds: wish.endMilliseconds, capabilities: capabilities)
        let planned = try await planner.plan(recipe, for: source)
        let video = try await jobs.start(
            NewProcessing(
                user: caller.user, source: source.id, kind: source.kind == .clip ? .clip : .processed,
                name: wish.name ?? Self.name(of: source, treatment), description: wish.description,
                startMs: Int64(recipe.positions.startMilliseconds), endMs: Int64(recipe.positions.endMilliseconds),
                options: JSONDocument(try options.jsonText()), plan: planned.plan, segments: planned.segments),
            scope: caller.scope)
        return .json(.accepted, video.processingStatus() ?? .null)
    }

    /// A source is ready when its file is stored and its metadata is known.
    private func checkReadiness(of source: VideoRecord) throws(APIError) {
        if let processing = source.processing, processing.status != .done {
            throw APIError(.conflict, .videoProcessingNotDone, "The source is still being processed, or its processing failed.")
        }
        guard source.file != nil, source.upload.map({ $0.status == .done }) ?? true else {
            throw APIError(.conflict, .conflict, "The source is not imported: its import is not done, or it failed.")
        }
        guard source.ingestion?.status == .done else {
            throw APIError(.conflict, .videoNotFullyIngested, "The source is not ingested: its ingestion is not done, or it failed.")
        }
    }

    /// The source's name with that of the treatment, cut to what a name may have.
    private static func name(of source: VideoRecord, _ treatment: String) -> String {
        let suffix = " (\(treatment))"
        return source.name.prefix(255 - suffix.count) + suffix
    }

    @Sendable private func status(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let status = try await videos.find(request, caller).processingStatus() else { return .empty }
        return .json(.ok, status)
    }

    /// Beyond the contract: the finished job's report as the worker wrote it.
    @Sendable private func report(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let video = try await videos.find(request, caller)
        guard let report = try await jobs.report(of: video.id, scope: caller.scope) else { return .empty }
        return HTTPResponse(.ok, contentType: "application/json", bytes: Array(report.text.utf8))
    }
}
