import Credentials
import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store

/// Time-limited download links, and what is behind them.
struct DownloadEndpoints: Sendable {
    let videos: VideoStore
    let billing: BillingStore
    let rateCard: RateCard
    let files: StoredFiles
    let links: SignedLink
    let address: PublicAddress
    let clock: @Sendable () -> Date

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/{videoId}/out/https", createLink)
        try routes.open(.get, "/api/downloads/{videoId}/{fileName}", download)
    }

    @Sendable private func createLink(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let minutes = try request.reading(known: ["durationMinutes"]) { $0.integer("durationMinutes", in: 1...60) ?? 15 }
        let video = try await videos.find(request, caller)
        let file = try video.finishedFile()
        let name = PlainFileName(file.name).text
        let expiry = Int(clock().timeIntervalSince1970.rounded(.down)) + minutes * 60
        let signature = links.signature(method: "GET", object: Self.object(video.id), expiry: expiry)
        let url =
            "\(address.base(for: request))/api/downloads/\(video.id)/\(Self.percentEncoded(name))?expires=\(expiry)&signature=\(signature)"
        return .json(
            .created,
            .members([
                "videoId": video.id.json, "presignedUrl": .string(url),
                "expiresAt": .timestamp(Date(timeIntervalSince1970: Double(expiry))), "fileSize": .integer(file.size),
                "mimeType": .string(file.mimeType), "fileExtension": .string(Self.fileExtension(name)),
                "suggestedFileName": .string(name), "crc32cChecksum": file.crc32c.map { .integer(Int64($0)) },
            ]))
    }

    @Sendable private func download(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let (expiry, signature) = try request.reading(known: ["expires", "signature"]) {
            ($0.integer("expires", in: 0...Int.max) ?? 0, $0.text("signature", length: 64...64) ?? "")
        }
        let now = Int(clock().timeIntervalSince1970)
        guard links.isValid(signature: signature, method: "GET", object: Self.object(id), expiry: expiry, now: now) else {
            throw APIError(.forbidden, .accessDenied, "The link is not valid, or it has expired.")
        }
        guard let video = try await videos.getUnscoped(id), let file = video.file else { throw APIError.notFound(.video) }
        let opened = try files.open(file.key, of: id)
        if request.method == .get {
            // Once for each link: ranges of one file, and a player that seeks, are one download.
            let download = BillingStore.Download(
                video: id, bytes: file.size, category: .download, reference: "download \(signature)")
            try await billing.book(download, by: rateCard)
        }
        let headers: HeaderFields = [
            .contentDisposition: Self.disposition(PlainFileName(file.name).text), .cacheControl: "private, no-transform",
            "X-Content-Type-Options": "nosniff",
        ]
        return FileRepresentation(file: opened, contentType: file.mimeType, headers: headers).response(to: request)
    }

    /// What a link is signed for.
    private static func object(_ video: ID<Video>) -> String { "download/\(video)" }

    private static func fileExtension(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return String(name[name.index(after: dot)...])
    }

    /// RFC 3986: everything but unreserved characters, as UTF-8.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                result.append(character)
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    /// RFC 6266: an ASCII name for old clients, the exact one in RFC 8187 form.
    ///
    /// - Parameter name: a plain one.
    private static func disposition(_ name: String) -> String {
        let plain = String(name.map { $0.isASCII && $0 != "\"" ? $0 : "_" })
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(percentEncoded(name))"
    }
}
