import Credentials
import Domain
import FoundationEssentials
import HTTP
import Postgres
import Primitives
import Store

/// Links that show two videos of one master side by side, and what is behind them.
struct ComparisonEndpoints: Sendable {
    let videos: VideoStore
    let files: StoredFiles
    let links: SignedLink
    let address: PublicAddress
    let clock: @Sendable () -> Date

    /// How long a link opens.
    static let lifetime = 24 * 3600
    /// How far the two may differ in length, in milliseconds: some frames, by which frame rates and cuts round differently.
    static let durationTolerance: Int64 = 500

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/videos/{videoId}/compare-with/{targetVideoId}", createLink)
        try routes.open(.get, "/api/comparisons/{leftVideoId}/{rightVideoId}", page)
        try routes.open(.get, "/api/comparisons/{leftVideoId}/{rightVideoId}/{side}", video)
    }

    @Sendable private func createLink(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (leftID, rightID): (ID<Video>, ID<Video>) = (
            try request.parameters.value("videoId"), try request.parameters.value("targetVideoId")
        )
        try request.readingNothing()
        guard let left = try await videos.get(leftID, scope: caller.scope), let right = try await videos.get(rightID, scope: caller.scope)
        else { throw APIError.notFound(.video) }
        try Self.check(left, right)
        let expiry = Int(clock().timeIntervalSince1970.rounded(.down)) + Self.lifetime
        let signature = links.signature(method: "GET", object: Self.object(leftID, rightID), expiry: expiry)
        let link = "\(address.base(for: request))/api/comparisons/\(leftID)/\(rightID)?expires=\(expiry)&signature=\(signature)"
        return .json(.ok, .members(["link": .string(link), "leftVideoId": leftID.json, "rightVideoId": rightID.json]))
    }

    /// Throws 409 for two videos that cannot be compared.
    private static func check(_ left: VideoRecord, _ right: VideoRecord) throws {
        guard left.id != right.id else { throw APIError(.conflict, .videoComparisonConflict, "A video cannot be compared with itself.") }
        guard left.master.id == right.master.id else {
            throw APIError(.conflict, .videoComparisonConflict, "The videos are not of one master.")
        }
        var lengths: [Int64] = []
        for video in [left, right] {
            guard let ingestion = video.ingestion, ingestion.status == .done, ingestion.hasFullFrames, ingestion.hasWebVideo else {
                throw APIError(
                    .conflict, .videoNotFullyIngested, "Video \(video.id) is not fully ingested: it needs full frames and a web video.",
                    details: .members(["videoId": video.id.json]))
            }
            if let text = ingestion.metadata?.text, case .integer(let length)? = try JSON(parsing: text)["durationInMillis"] {
                lengths.append(length)
            }
        }
        guard lengths.count == 2, abs(lengths[0] - lengths[1]) <= durationTolerance else {
            throw APIError(
                .conflict, .videoComparisonConflict,
                "The videos last \(lengths.map { "\($0) ms" }.joined(separator: " and ")); they may differ by \(durationTolerance) ms.")
        }
    }

    @Sendable private func page(_ request: HTTPRequest) async throws -> HTTPResponse {
        let (leftID, rightID, query) = try permitted(request)
        guard let left = try await videos.getUnscoped(leftID), let right = try await videos.getUnscoped(rightID) else {
            throw APIError.notFound(.video)
        }
        let page = ComparisonPage(
            left: ComparisonPage.Side(title: left.name, source: "\(rightID)/left?\(query)"),
            right: ComparisonPage.Side(title: right.name, source: "\(rightID)/right?\(query)"))
        return HTTPResponse(
            .ok, contentType: "text/html; charset=utf-8", bytes: Array(page.html.utf8),
            headers: [
                "Content-Security-Policy": ComparisonPage.policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
                .cacheControl: "private, no-store",
            ])
    }

    private enum Side: String, CaseIterable { case left, right }

    @Sendable private func video(_ request: HTTPRequest) async throws -> HTTPResponse {
        let (leftID, rightID, _) = try permitted(request)
        let name: String = try request.parameters.value("side")
        guard let side = Side(rawValue: name) else { throw APIError.notFound(.video) }
        let id = side == .left ? leftID : rightID
        guard let video = try await videos.getUnscoped(id), video.ingestion?.hasWebVideo == true else { throw APIError.notFound(.video) }
        let file = try files.open(VideoObjects(id).webVideo, of: id)
        let headers: HeaderFields = [.cacheControl: "private, no-transform", "X-Content-Type-Options": "nosniff"]
        return FileRepresentation(file: file, contentType: VideoObjects.webVideoType, headers: headers).response(to: request)
    }

    /// The two videos that a signed request is for, and its query. Throws 403 for a signature that does not open them.
    private func permitted(_ request: HTTPRequest) throws -> (left: ID<Video>, right: ID<Video>, query: String) {
        let (left, right): (ID<Video>, ID<Video>) = (
            try request.parameters.value("leftVideoId"), try request.parameters.value("rightVideoId")
        )
        let (expiry, signature) = try request.reading(known: ["expires", "signature"]) {
            ($0.integer("expires", in: 0...Int.max) ?? 0, $0.text("signature", length: 64...64) ?? "")
        }
        let now = Int(clock().timeIntervalSince1970)
        guard links.isValid(signature: signature, method: "GET", object: Self.object(left, right), expiry: expiry, now: now) else {
            throw APIError(.forbidden, .accessDenied, "The link is not valid, or it has expired.")
        }
        return (left, right, "expires=\(expiry)&signature=\(signature)")
    }

    /// What a link is signed for.
    private static func object(_ left: ID<Video>, _ right: ID<Video>) -> String { "comparison/\(left)/\(right)" }
}
