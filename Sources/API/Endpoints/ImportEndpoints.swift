import Credentials
import Domain
import HTTP
import Store

/// Imports from HTTPS: start, status, restart, abandon.
struct ImportEndpoints: Sendable {
    let imports: ImportStore
    let videos: VideoStore
    let starter: ImportStarter
    let secretBox: SecretBox
    let source: SourceProbe
    let capabilities: Capabilities

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/in/https", start)
        try routes.keyed(.get, "/v1/videos/{videoId}/in/status", status)
        try routes.keyed(.post, "/v1/videos/{videoId}/in/restart", restart)
        try routes.keyed(.delete, "/v1/videos/{videoId}/in/abandon", abandon)
    }

    /// Connections an import may copy with at once.
    private static let connections = 1...32

    @Sendable private func start(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(
            request, known: ImportForm.parameters + ["crc32c", "maxConcurrentConnections"], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ImportForm.members + ["url"], problems: problems)
        let form = ImportForm(query, reader, capabilities)
        let url = reader.requiredText("url", length: 1...4096)
        if !url.isEmpty, let refusal = source.refusal(url) {
            problems.add(Problem(.url, field: "url", actual: nil, "is not allowed: \(refusal.message)"))
        }
        let copy = ImportRequest(
            crc32c: query.integer("crc32c", in: 0...Int(UInt32.max)).map { UInt32(truncatingIfNeeded: $0) },
            maximumConnections: query.integer("maxConcurrentConnections", in: Self.connections) ?? 10)
        try problems.check()
        let target = try await starter.target(of: form, caller)
        let facts = try await source.probe(url)
        let video = try await starter.start(
            form, target, facts, copy, sealedSecret: try secretBox.seal(Array(url.utf8), context: ImportRequest.sealContext))
        return .json(.accepted, video.importStatus ?? .null)
    }

    @Sendable private func status(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let status = try await videos.find(request, caller).importStatus else { return .empty }
        return .json(.ok, status)
    }

    @Sendable private func restart(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let skip = try request.reading(known: ["skipChecksumValidation"]) { $0.boolean("skipChecksumValidation") ?? false }
        let video = try await imports.restart(try request.parameters.value("videoId"), scope: caller.scope, skipChecksum: skip)
        return .json(.accepted, video.importStatus ?? .null)
    }

    @Sendable private func abandon(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await imports.abandon(try request.parameters.value("videoId"), scope: caller.scope)
        return .empty
    }
}
