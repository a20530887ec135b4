import Domain
import FoundationEssentials
import HTTP
import Lanes
import Primitives
import Store
import Transfer

/// Imports from the folder that the operator has set aside: what is there for a team, and the start of an import.
struct FolderImportEndpoints: Sendable {
    let starter: ImportStarter
    /// Nil where the operator has set none.
    let folder: ImportFolder?
    let capabilities: Capabilities

    private let lane = SerialLane(label: "remaster.import.folder")

    init(starter: ImportStarter, folder: ImportFolder?, capabilities: Capabilities) {
        self.starter = starter
        self.folder = folder
        self.capabilities = capabilities
    }

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/videos/in/folder", list)
        try routes.keyed(.post, "/v1/videos/in/folder", start)
    }

    /// Largest file, as for every other import.
    private static let largest = Int64(RangeCopyOptions().maximumBytes)

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(request, known: ["path", "selectTeamId", "pageNumber", "pageSize"], problems: problems)
        let path = query.text("path", length: FolderPath.length)
        let folderPath = path.flatMap { FolderPath($0) }
        if let path, folderPath == nil { problems.add(Problem(field: "path", actual: path, FolderPath.rule)) }
        let team = query.id("selectTeamId", of: Team.self)
        let number = query.integer("pageNumber", in: 0...Int(Int32.max)) ?? 0
        let size = query.integer("pageSize", in: 1...100) ?? 10
        try problems.check()
        let name = try caller.team(selected: team).description
        let folder = try configured()
        let entries: [ImportFolder.Entry]
        do {
            entries = try await lane.run { try folder.entries(of: folderPath, team: name) }
        } catch let error as FolderError {
            throw Self.refusal(error, path ?? "")
        }
        // A page number near the largest integer is a page past the end, not an overflow.
        let (place, overflow) = number.multipliedReportingOverflow(by: size)
        let first = overflow ? entries.count : min(place, entries.count)
        let page = Page(
            request: PageRequest(number: number, size: size), total: entries.count,
            items: Array(entries[first..<min(first + size, entries.count)]))
        return .json(.ok, page.json(Self.payload))
    }

    @Sendable private func start(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(request, known: ImportForm.parameters + ["crc32c"], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ImportForm.members + ["path"], problems: problems)
        let form = ImportForm(query, reader, capabilities)
        let path = reader.requiredText("path", length: FolderPath.length)
        let place = FolderPath(path)
        if place == nil, !problems.problems.contains(where: { $0.field == "path" }) {
            problems.add(Problem(field: "path", actual: path, FolderPath.rule))
        }
        let crc32c = query.integer("crc32c", in: 0...Int(UInt32.max)).map { UInt32(truncatingIfNeeded: $0) }
        try problems.check()
        guard let place else { throw ValidationFailure(problems: [Problem(field: "path", actual: path, FolderPath.rule)]) }
        let target = try await starter.target(of: form, caller)
        let folder = try configured()
        let file: FolderFile
        do {
            file = try await lane.run { try folder.file(place, team: target.team.description) }
        } catch let error as FolderError {
            throw Self.refusal(error, path)
        }
        guard (1...Self.largest).contains(file.size) else {
            let failure = file.size == 0 ? TransferError.noContent : .tooLarge(bytes: Int(file.size), limit: Int(Self.largest))
            var error = APIError(.badRequest, code: failure.code, failure.message)
            error.problems = [
                Problem(field: "path", actual: path, "names a file of \(file.size) bytes; 1 to \(Self.largest) are allowed")
            ]
            throw error
        }
        let video = try await starter.start(
            form, target, SourceProbe.Facts(byteCount: file.size, mimeType: nil, fileName: place.last),
            ImportRequest(folderPath: place.description, crc32c: crc32c), sealedSecret: nil)
        return .json(.accepted, video.importStatus ?? .null)
    }

    private func configured() throws -> ImportFolder {
        if let folder { return folder }
        throw APIError(
            .conflict, .conflict, "This server has no import folder; its operator can set one with REMASTER_IMPORT_DIRECTORY.")
    }

    private static func refusal(_ error: FolderError, _ path: String) -> APIError {
        switch error {
        case .notFound:
            return APIError(.notFound, .resourceNotFound, "The team's import folder has no '\(path)'.")
        case .notAFile:
            var refusal = APIError(.badRequest, .validationError, "Only regular files and their folders can be read.")
            refusal.problems = [Problem(field: "path", actual: path, "is no regular file: links, folders, pipes and devices are refused")]
            return refusal
        case .unreadable(let code):
            return APIError(.conflict, .conflict, "The import folder cannot be read there (errno \(code)); its operator must allow it.")
        }
    }

    private static func payload(_ entry: ImportFolder.Entry) -> JSON {
        .members([
            "path": .string(entry.path.description), "name": .string(entry.path.last), "type": .string(entry.kind.rawValue),
            "size": entry.size.map { .integer($0) },
            "modifiedAt": .timestamp(Date(timeIntervalSince1970: entry.modified)),
        ])
    }
}
