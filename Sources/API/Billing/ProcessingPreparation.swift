import Domain
import HTTP
import Postgres
import Primitives
import Store

/// From what a client wishes to a processing that is validated, planned and priced, and only needs to be started.
struct ProcessingPreparation: Sendable {
    let configurations: ConfigurationStore
    let planner: any ProcessingPlanner
    let capabilities: Capabilities
    let appraiser: JobAppraiser

    /// The treatment, and the part of the source that gets it.
    struct Wish: Sendable {
        var options: ProcessingOptions
        /// What the result is named after, beside its source.
        var treatment: String
        var startMilliseconds: Int?
        var endMilliseconds: Int?
    }

    /// A processing to be started, with what it was appraised at.
    struct Prepared: Sendable {
        var processing: NewProcessing
        let appraisal: JobAppraisal
    }

    /// The stored configuration of the path. Throws 404 for none the caller may see.
    func configuration(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> (options: ProcessingOptions, name: String) {
        guard let configuration = try await configurations.get(try request.parameters.value("confId"), scope: caller.scope) else {
            throw APIError.notFound(.configuration)
        }
        return (try ProcessingOptions(json: JSON(parsing: configuration.options.text)), configuration.name)
    }

    /// - Parameter unready: the status for a source that cannot be processed yet.
    /// - Throws: that, and 400 with all problems of the wish.
    func prepare(
        _ wish: Wish, _ source: VideoRecord, user: ID<User>, unready: HTTPStatus = .conflict
    ) async throws -> Prepared {
        try Self.checkReadiness(of: source, otherwise: unready)
        let format = try await planner.sourceFormat(of: source, from: wish.startMilliseconds)
        let recipe = try wish.options.validated(
            for: format, startMilliseconds: wish.startMilliseconds, endMilliseconds: wish.endMilliseconds, capabilities: capabilities)
        let planned = try await planner.plan(recipe, for: source)
        let appraisal = try await appraiser.appraise(recipe, planned, team: source.team)
        var processing = NewProcessing(
            user: user, source: source.id, kind: source.kind == .clip ? .clip : .processed,
            name: VideoName.derived(from: source.name, by: wish.treatment),
            startMs: Int64(recipe.positions.startMilliseconds), endMs: Int64(recipe.positions.endMilliseconds),
            options: JSONDocument(try wish.options.jsonText()), plan: planned.plan, segments: planned.segments)
        processing.appraisal = JSONDocument(appraisal.payload.description)
        processing.charge = appraisal.charge
        processing.balanceRule = appraiser.balanceRule
        return Prepared(processing: processing, appraisal: appraisal)
    }

    /// A source is ready when its file is stored and its metadata is known.
    private static func checkReadiness(of source: VideoRecord, otherwise status: HTTPStatus) throws(APIError) {
        if let processing = source.processing, processing.status != .done {
            throw APIError(status, .videoProcessingNotDone, "The source is still being processed, or its processing failed.")
        }
        guard source.file != nil, source.upload.map({ $0.status == .done }) ?? true else {
            throw APIError(
                status, status == .conflict ? .conflict : .badRequest, "The source is not imported: its import is not done, or it failed.")
        }
        guard source.ingestion?.status == .done else {
            throw APIError(status, .videoNotFullyIngested, "The source is not ingested: its ingestion is not done, or it failed.")
        }
    }
}
