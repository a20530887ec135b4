import Domain
import HTTP
import Postgres
import Store

/// Starting processing, and how it goes.
struct ProcessingEndpoints: Sendable {
    let videos: VideoStore
    let jobs: JobStore
    let preparation: ProcessingPreparation

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
        var priority: Int

        static let parameters = ["videoName", "videoDescription", "startPosMs", "endPosMs", "priority"]

        init(_ query: QueryReader) {
            name = query.text("videoName", length: 1...255)
            description = query.text("videoDescription", length: 0...511)
            startMilliseconds = query.position("startPosMs")
            endMilliseconds = query.position("endPosMs")
            priority = query.integer("priority", in: JobEndpoints.priorities) ?? 0
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
        let (options, name) = try await preparation.configuration(request, caller)
        return try await start(wish, options, treatment: name, video, caller)
    }

    private func start(
        _ wish: Wish, _ options: ProcessingOptions, treatment: String, _ source: VideoRecord, _ caller: APIKeyStore.Caller
    ) async throws -> HTTPResponse {
        var processing = try await preparation.prepare(
            ProcessingPreparation.Wish(
                options: options, treatment: treatment, startMilliseconds: wish.startMilliseconds, endMilliseconds: wish.endMilliseconds),
            source, user: caller.user
        ).processing
        processing.name = wish.name ?? processing.name
        processing.description = wish.description
        processing.priority = wish.priority
        let video = try await jobs.start(processing, scope: caller.scope)
        return .json(.accepted, video.processingStatus ?? .null)
    }

    @Sendable private func status(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let status = try await videos.find(request, caller).processingStatus else { return .empty }
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
