import Credentials
import Domain
import FoundationEssentials
import HTTP
import Lanes
import ObjectStorage
import Primitives
import Store

/// Beyond the contract: time-limited links to what a full ingestion made of a video, and what is behind them.
struct MediaEndpoints: Sendable {
    let videos: VideoStore
    let objects: FileObjectStore
    let files: StoredFiles
    let links: SignedLink
    let address: PublicAddress
    let clock: @Sendable () -> Date
    private let lane = SerialLane(label: "remaster.media")

    init(
        videos: VideoStore, files: StoredFiles, links: SignedLink, address: PublicAddress, clock: @escaping @Sendable () -> Date
    ) {
        self.videos = videos
        self.objects = files.objects
        self.files = files
        self.links = links
        self.address = address
        self.clock = clock
    }

    /// How long links live.
    private static let minutes = 60

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/videos/{videoId}/ingestion/media", list)
        try routes.open(.get, "/api/media/{videoId}/{fileName}", file)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let video = try await videos.find(request, caller)
        guard video.ingestion?.hasWebVideo == true else {
            throw APIError(
                .conflict, .videoNotFullyIngested, "The video is not fully ingested: it was not asked for, is not done, or failed.")
        }
        let names = VideoObjects(video.id)
        let document = try await lane.run { [objects] in try objects.read(names.products) }
        let products = try JSON(parsing: String(decoding: document, as: UTF8.self))
        let expiry = Int(clock().timeIntervalSince1970.rounded(.down)) + Self.minutes * 60
        let base = address.base(for: request)
        func link(_ name: String) -> JSON {
            let signature = links.signature(method: "GET", object: Self.object(video.id, name), expiry: expiry)
            return .string("\(base)/api/media/\(video.id)/\(name)?expires=\(expiry)&signature=\(signature)")
        }
        func stills(_ positions: JSON?, _ name: (Int) -> String) -> JSON {
            guard case .array(let positions) = positions else { return .array([]) }
            return .array(
                positions.enumerated().map { ordinal, position in
                    .members(["url": link(name(ordinal)), "positionMilliseconds": position])
                })
        }
        return .json(
            .ok,
            .members([
                "videoId": video.id.json, "expiresAt": .timestamp(Date(timeIntervalSince1970: Double(expiry))),
                "webVideo": .members(["url": link(VideoObjects.webVideoName), "mimeType": .string(VideoObjects.webVideoType)]),
                "thumbnails": stills(products["thumbnails"], VideoObjects.thumbnailName),
                "fullFrames": stills(products["fullFrames"], VideoObjects.fullFrameName),
            ]))
    }

    @Sendable private func file(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let name: String = try request.parameters.value("fileName")
        let (expiry, signature) = try request.reading(known: ["expires", "signature"]) {
            ($0.integer("expires", in: 0...Int.max) ?? 0, $0.text("signature", length: 64...64) ?? "")
        }
        let now = Int(clock().timeIntervalSince1970)
        guard links.isValid(signature: signature, method: "GET", object: Self.object(id, name), expiry: expiry, now: now) else {
            throw APIError(.forbidden, .accessDenied, "The link is not valid, or it has expired.")
        }
        guard let key = VideoObjects(id).media(name), try await videos.getUnscoped(id) != nil else { throw APIError.notFound(.video) }
        let opened = try files.open(key, of: id)
        let headers: HeaderFields = [
            .contentDisposition: "inline", .cacheControl: "private, max-age=3600", "X-Content-Type-Options": "nosniff",
        ]
        let type = name.hasSuffix(".mp4") ? VideoObjects.webVideoType : "image/jpeg"
        return FileRepresentation(file: opened, contentType: type, headers: headers).response(to: request)
    }

    /// What a link is signed for: one object.
    private static func object(_ video: ID<Video>, _ name: String) -> String { "media/\(video)/\(name)" }
}
