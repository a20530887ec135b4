package import Domain
import HTTP
import Postgres
import Primitives
package import Store

/// What a processing would do, cost and come to, without starting anything: every rule of a start applies.
struct PlanEndpoints: Sendable {
    let videos: VideoStore
    let preparation: ProcessingPreparation

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/{videoId}/processing/plan", planWithOptions)
        try routes.keyed(.get, "/v1/videos/{videoId}/processing/plan/{confId}", planWithConfiguration)
    }

    private static let positions = ["startPosMs", "endPosMs"]

    private static func positions(_ query: QueryReader) -> (start: Int?, end: Int?) {
        (query.position("startPosMs"), query.position("endPosMs"))
    }

    @Sendable private func planWithOptions(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let positions = Self.positions(QueryReader(request, known: Self.positions, problems: problems))
        let options = ProcessingOptions(reading: try request.requiredJSON(), problems: problems)
        try problems.check()
        return try await plan(options, "processed", positions, try await videos.find(request, caller), caller)
    }

    @Sendable private func planWithConfiguration(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let positions = try request.reading(known: Self.positions) { Self.positions($0) }
        let video = try await videos.find(request, caller)
        let (options, name) = try await preparation.configuration(request, caller)
        return try await plan(options, name, positions, video, caller)
    }

    private func plan(
        _ options: ProcessingOptions, _ treatment: String, _ positions: (start: Int?, end: Int?), _ source: VideoRecord,
        _ caller: APIKeyStore.Caller
    ) async throws -> HTTPResponse {
        let wish = ProcessingPreparation.Wish(
            options: options, treatment: treatment, startMilliseconds: positions.start, endMilliseconds: positions.end)
        let prepared = try await preparation.prepare(wish, source, user: caller.user)
        let processing = prepared.processing
        return .json(
            .ok,
            .members([
                "videoId": source.id.json, "videoName": .string(processing.name),
                "startPositionMilliseconds": processing.startMs.map { .integer($0) },
                "endPositionMilliseconds": processing.endMs.map { .integer($0) }, "options": processing.options.json,
                "units": .array(processing.segments.map(\.json)), "plan": processing.plan.json,
                "appraisal": processing.appraisal?.json,
            ]))
    }
}

extension NewSegment: JSONRepresentable {
    /// `PlannedUnit` of the description.
    package var json: JSON {
        .members([
            "kind": .string(kind.rawValue), "stage": .integer(Int64(stage)), "ordinal": .integer(Int64(ordinal)),
            "firstFrame": frames.map { .integer(Int64($0.start)) }, "endFrame": frames.map { .integer(Int64($0.end)) },
            "weight": .integer(weight),
        ])
    }
}
