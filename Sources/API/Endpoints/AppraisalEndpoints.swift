import Domain
import HTTP
import Postgres
import Primitives
import Store

/// Planning and pricing a processing first, and starting it exactly so afterwards.
struct AppraisalEndpoints: Sendable {
    let videos: VideoStore
    let appraisals: AppraisalStore
    let preparation: ProcessingPreparation

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/appraisals/create", createWithOptions)
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/appraisals/create/{confId}", createWithConfiguration)
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/appraisals/{appraisalId}/accept", accept)
    }

    private static let positions = ["startPosMs", "endPosMs"]

    @Sendable private func createWithOptions(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(request, known: Self.positions, problems: problems)
        let (start, end) = (query.position("startPosMs"), query.position("endPosMs"))
        let options = ProcessingOptions(reading: try request.requiredJSON(), problems: problems)
        try problems.check()
        let wish = ProcessingPreparation.Wish(
            options: options, treatment: "processed", startMilliseconds: start, endMilliseconds: end)
        return try await create(wish, try await videos.find(request, caller), caller)
    }

    @Sendable private func createWithConfiguration(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (start, end) = try request.reading(known: Self.positions) {
            ($0.position("startPosMs"), $0.position("endPosMs"))
        }
        let video = try await videos.find(request, caller)
        let (options, name) = try await preparation.configuration(request, caller)
        let wish = ProcessingPreparation.Wish(options: options, treatment: name, startMilliseconds: start, endMilliseconds: end)
        return try await create(wish, video, caller)
    }

    private func create(
        _ wish: ProcessingPreparation.Wish, _ source: VideoRecord, _ caller: APIKeyStore.Caller
    ) async throws -> HTTPResponse {
        // The contract has no 409 here.
        let prepared = try await preparation.prepare(wish, source, user: caller.user, unready: .badRequest)
        let payload = prepared.appraisal.payload
        let kept = try await appraisals.create(
            prepared.processing, charge: prepared.appraisal.charge, appraisal: JSONDocument(payload.description), scope: caller.scope)
        return .json(
            .created,
            .members([
                "appraisalId": kept.id.json, "expiresAt": .timestamp(kept.expiresAt),
                "video": prepared.processing.prospect(of: source, appraisal: payload, at: kept.createdAt),
            ]))
    }

    @Sendable private func accept(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let source: ID<Video> = try request.parameters.value("videoId")
        let appraisal: ID<Appraisal> = try request.parameters.value("appraisalId")
        let (name, description) = try request.reading(known: ["videoName", "videoDescription"]) {
            ($0.text("videoName", length: 1...255), $0.text("videoDescription", length: 0...511))
        }
        let acceptance = AppraisalStore.Acceptance(
            user: caller.user, name: name, description: description, rule: preparation.appraiser.balanceRule)
        let video = try await appraisals.accept(appraisal, of: source, acceptance, scope: caller.scope)
        return .json(.accepted, video.processingStatus ?? .null)
    }
}
