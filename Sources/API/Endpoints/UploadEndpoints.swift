import Domain
import FoundationEssentials
import HTTP
import Lanes
import ObjectStorage
import Postgres
import Primitives
import Store

/// Files that clients send themselves, in pieces that can be resumed; after the last one an ordinary import of the same id.
///
/// The offset is the size of the file in storage: what arrived before a connection broke counts. An upload lapses when no bytes
/// come for `UploadStore.patience`, however long a piece of it takes.
struct UploadEndpoints: Sendable {
    let uploads: UploadStore
    let imports: ImportStore
    let keys: APIKeyStore
    let starter: ImportStarter
    let objects: FileObjectStore
    let capabilities: Capabilities
    let address: PublicAddress
    let clock: @Sendable () -> Date

    /// Seconds after which it is noted that bytes of a piece still come, and the key is looked at again.
    private static let noteInterval: TimeInterval = 300
    /// Bytes of a file.
    private static let sizes: ClosedRange<Int64> = 1...500_000_000_000

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/uploads", create)
        try routes.keyed(.get, "/v1/uploads/{id}", get)
        try routes.keyed(.patch, "/v1/uploads/{id}", body: .streamed(limit: Int(Self.sizes.upperBound)), append)
        try routes.keyed(.delete, "/v1/uploads/{id}", delete)
    }

    private static func key(_ id: ID<Video>) throws -> ObjectKey {
        guard let key = ObjectKey("videos/\(id)/file") else { throw APIError.notFound(.upload) }
        return key
    }

    @Sendable private func create(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(request, known: ImportForm.parameters, problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ImportForm.members + ["size", "crc32c"], problems: problems)
        let form = ImportForm(query, reader, capabilities)
        reader.require("fileName")
        let size = reader.requiredInteger("size", in: Self.sizes)
        let crc32c = reader.integer("crc32c", in: 0...Int64(UInt32.max)).map { UInt32(truncatingIfNeeded: $0) }
        try problems.check()
        let target = try await starter.target(of: form, caller)
        try await checkRoom(for: size)
        let upload = try await uploads.create(
            NewUpload(
                team: target.team, user: target.user, project: target.project, name: form.name, description: form.description,
                fullIngestion: form.fullIngestion, fileName: form.fileName ?? "", fileSize: size, crc32c: crc32c))
        var response = HTTPResponse.json(.created, Self.payload(upload, offset: 0))
        response.headers[.location] = address.location("/api/v1/uploads/\(upload.id)")
        return response
    }

    /// Throws 507 for a file that does not fit at present, and 400 for one that never will: to be told so at the start is better than
    /// after hours. Nothing is set aside before its bytes come.
    private func checkRoom(for size: Int64) async throws {
        let objects = objects
        let (capacity, free) = try await SerialLane(label: "remaster.upload").run { (try objects.capacity(), try objects.freeBytes()) }
        // Some file systems do not tell.
        guard let capacity, size > free else { return }
        guard size <= capacity else {
            throw ValidationFailure(problems: [
                Problem(field: "size", actual: "\(size)", "is more than the storage of this server can hold, \(capacity) bytes")
            ])
        }
        throw APIError(
            .insufficientStorage, code: ErrorRenderer.code(.insufficientStorage),
            "The storage has no room for \(size) bytes at the moment; \(free) are free. Try again later.", headers: [.retryAfter: "60"])
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let upload = try await find(request, caller)
        let offset = try await offset(of: upload)
        var response = HTTPResponse.json(.ok, Self.payload(upload, offset: offset))
        response.headers["Upload-Offset"] = "\(offset)"
        response.headers["Upload-Length"] = "\(upload.fileSize)"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// The bytes of the body go to the file's end, which the request has to know.
    @Sendable private func append(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let id: ID<Video> = try request.parameters.value("id")
        _ = QueryReader(request, known: [], problems: problems)
        try request.refuseContentCoding()
        let wanted = Self.offset(request, problems)
        let checksum = Self.checksum(request, problems)
        try problems.check()
        guard let upload = try await uploads.get(id, scope: caller.scope) else { throw APIError.notFound(.upload) }
        let lane = SerialLane(label: "remaster.upload")
        let (key, objects) = (try Self.key(id), objects)
        let file: CollectedFile
        do {
            file = try await lane.run { try CollectedFile(for: key, in: objects) }
        } catch is CollectedFile.Busy {
            throw APIError(
                .conflict, .conflict, "Another request sends bytes of this upload; wait for its end.", headers: [.retryAfter: "1"])
        }
        let start = try await lane.run { try file.size() }
        guard wanted == start else {
            throw APIError(
                .conflict, .conflict, "The upload has \(start) bytes; go on from there.",
                details: .members(["offset": .integer(start)]), headers: ["Upload-Offset": "\(start)"])
        }
        // Nothing is written for an upload that was given up or has lapsed since it was looked up.
        try await uploads.renew(id)
        let end: Int64
        do {
            // What an earlier piece had set aside when the server was killed is given back first: the room that is free would not count
            // it, and all of it would have to be there a second time.
            try await lane.run { try file.truncate(to: start) }
            if let announced = Self.length(request) {
                let room = start + min(announced, upload.fileSize - start)
                try await lane.run { try file.reserve(room) }
            }
            end = try await receive(request, upload, caller, into: file, from: start, checksum, on: lane)
        } catch {
            // What arrived counts, and the room for what did not is given back. The tasks are their own because a lost connection
            // cancels this one; if they fail as well, the last note stands, which is a few minutes older, and so does the room.
            _ = await Task { try await uploads.renew(id) }.result
            _ = await Task { try await lane.run { try file.truncate(to: try file.size()) } }.result
            throw error
        }
        if end == upload.fileSize { try await checkAccess(to: upload, caller) }
        try await uploads.touch(id)
        guard end == upload.fileSize else {
            var response = HTTPResponse.empty
            response.headers["Upload-Offset"] = "\(end)"
            return response
        }
        try await lane.run { try file.sync() }
        return try await finish(upload)
    }

    /// Throws 401 when the key does not open the upload any more: it was looked at when the piece began, which may be days ago. What
    /// arrived stays, for another key of the team.
    private func checkAccess(to upload: UploadRecord, _ caller: APIKeyStore.Caller) async throws {
        guard let teams = try await keys.teams(of: caller.key), teams.contains(upload.team) else { throw APIError.invalidAPIKey }
    }

    /// Bytes that the request says it brings; nil where it does not say.
    private static func length(_ request: HTTPRequest) -> Int64? {
        request.headers[.contentLength].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Writes the body to the file's end, which it returns.
    private func receive(
        _ request: HTTPRequest, _ upload: UploadRecord, _ caller: APIKeyStore.Caller, into file: CollectedFile, from start: Int64,
        _ checksum: UInt32?, on lane: SerialLane
    ) async throws -> Int64 {
        var (end, sum, noted) = (start, CRC32C(), clock())
        for try await chunk in request.body.chunks {
            guard end + Int64(chunk.count) <= upload.fileSize else {
                try await lane.run { try file.truncate(to: start) }
                throw APIError(
                    .contentTooLarge, code: "CONTENT_TOO_LARGE",
                    "The upload was announced with \(upload.fileSize) bytes; nothing of this request was kept.")
            }
            let place = end
            try await lane.run { try file.write(chunk, at: place) }
            sum.update(chunk)
            end += Int64(chunk.count)
            let now = clock()
            // A clock that was set back must not put the next note off.
            if abs(now.timeIntervalSince(noted)) >= Self.noteInterval {
                try await checkAccess(to: upload, caller)
                try await uploads.renew(upload.id)
                noted = now
            }
        }
        if let checksum, checksum != sum.value {
            try await lane.run { try file.truncate(to: start) }
            throw APIError(
                .badRequest, .checksumMismatch,
                "The CRC-32C of the bytes received is \(sum.value), not \(checksum); nothing of this request was kept.")
        }
        return end
    }

    /// The upload is whole: it becomes an import whose source is here already.
    private func finish(_ upload: UploadRecord) async throws -> HTTPResponse {
        let request = ImportRequest(isCollected: true, crc32c: upload.crc32c)
        let video = try await imports.start(
            NewImport(
                video: upload.id, team: upload.team, user: upload.user, project: upload.project, name: upload.name,
                description: upload.description, fullIngestion: upload.fullIngestion,
                file: AnnouncedFile(name: upload.fileName, size: upload.fileSize, mimeType: nil),
                request: JSONDocument(String(decoding: try JSONEncoder().encode(request), as: UTF8.self))),
            isUpload: true)
        return .json(.accepted, video.importStatus ?? .null)
    }

    @Sendable private func delete(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let upload = try await find(request, caller)
        try await uploads.remove(upload.id)
        let (key, objects) = (try Self.key(upload.id), objects)
        _ = try await SerialLane(label: "remaster.upload").run { try objects.deletePrefix(key) }
        return .empty
    }

    // MARK: Reading

    private func find(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> UploadRecord {
        guard let upload = try await uploads.get(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.upload)
        }
        return upload
    }

    private func offset(of upload: UploadRecord) async throws -> Int64 {
        let (key, objects) = (try Self.key(upload.id), objects)
        return try await SerialLane(label: "remaster.upload").run { try objects.collectedSize(of: key) }
    }

    private static func offset(_ request: HTTPRequest, _ problems: ProblemCollector) -> Int64? {
        let text = request.headers["Upload-Offset"]
        if let offset = text.flatMap({ Int64($0) }), offset >= 0 { return offset }
        problems.add(
            Problem(field: "Upload-Offset", actual: text, "must say how many bytes of the upload are there, as a whole number from 0"))
        return nil
    }

    /// `crc32c 2868770180`.
    private static func checksum(_ request: HTTPRequest, _ problems: ProblemCollector) -> UInt32? {
        guard let text = request.headers["Upload-Checksum"] else { return nil }
        let parts = text.split(separator: " ")
        if parts.count == 2, parts[0] == "crc32c", let value = UInt32(parts[1]) { return value }
        problems.add(
            Problem(
                field: "Upload-Checksum", actual: text, "must be 'crc32c' and the CRC-32C of the body as a decimal number"))
        return nil
    }

    private static func payload(_ upload: UploadRecord, offset: Int64) -> JSON {
        .members([
            "id": upload.id.json, "createdAt": .timestamp(upload.createdAt), "updatedAt": .timestamp(upload.updatedAt),
            "teamId": upload.team.json, "projectId": upload.project.json, "name": .string(upload.name),
            "description": upload.description.map { .string($0) }, "fileName": .string(upload.fileName), "size": .integer(upload.fileSize),
            "offset": .integer(offset),
            "expiresAt": .timestamp(upload.updatedAt.addingTimeInterval(Double(UploadStore.patience.components.seconds))),
        ])
    }
}
