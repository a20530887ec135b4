import Domain
import HTTP
import Primitives
import Store

/// The jobs behind a video's imports, ingestions, processing and exports: what became of each, ending one, and its place in the queue.
struct JobEndpoints: Sendable {
    let videos: VideoStore
    let jobs: JobStore

    /// Priorities a client may ask for; 0 is everybody's.
    static let priorities = -100...100

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/videos/{videoId}/jobs", list)
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/cancel") { try await cancel($0, $1, .transcode) }
        try routes.keyed(.post, "/v1/videos/{videoId}/in/cancel") { try await cancel($0, $1, .import) }
        try routes.keyed(.post, "/v1/videos/{videoId}/out/cancel") { try await cancel($0, $1, .export) }
        try routes.keyed(.patch, "/v1/videos/{videoId}/processing/priority") { try await setPriority($0, $1, .transcode) }
        try routes.keyed(.patch, "/v1/videos/{videoId}/in/priority") { try await setPriority($0, $1, .import) }
        try routes.keyed(.patch, "/v1/videos/{videoId}/out/priority") { try await setPriority($0, $1, .export) }
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let video = try await videos.find(request, caller)
        var items: [JSON] = []
        for job in try await jobs.jobs(of: video.id, scope: caller.scope) {
            items.append(job.json(segments: try await jobs.segments(of: job.id)))
        }
        return .json(.ok, .array(items))
    }

    private func cancel(_ request: HTTPRequest, _ caller: APIKeyStore.Caller, _ kind: JobKind) async throws -> HTTPResponse {
        try request.readingNothing()
        let job = try await active(kind, of: try await videos.find(request, caller), caller)
        try await jobs.cancel(job.id, scope: caller.scope)
        let video = try await videos.find(request, caller)
        let status =
            switch kind {
            case .import: video.importStatus
            case .transcode, .ingest: video.processingStatus
            case .export: video.outputStatus
            }
        return .json(.ok, status ?? .null)
    }

    private func setPriority(_ request: HTTPRequest, _ caller: APIKeyStore.Caller, _ kind: JobKind) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["priority"], problems: problems)
        let priority = reader.requiredInteger(
            "priority", in: Int64(Self.priorities.lowerBound)...Int64(Self.priorities.upperBound))
        try problems.check()
        guard let video = try await videos.get(id, scope: caller.scope) else { throw APIError.notFound(.video) }
        let job = try await active(kind, of: video, caller)
        let changed = try await jobs.setPriority(Int(priority), of: job.id, scope: caller.scope)
        return .json(.ok, changed.json(segments: try await jobs.segments(of: changed.id)))
    }

    /// The job under way. Throws 409 when there is none.
    private func active(_ kind: JobKind, of video: VideoRecord, _ caller: APIKeyStore.Caller) async throws -> JobRecord {
        let found = try await jobs.jobs(of: video.id, scope: caller.scope).first { $0.kind == kind && $0.state == .active }
        guard let found else {
            let name =
                switch kind {
                case .import: "import"
                case .ingest: "ingestion"
                case .transcode: "processing"
                case .export: "export"
                }
            throw APIError(.conflict, .conflict, "No \(name) of this video is under way; only such a one can change.")
        }
        return found
    }
}
