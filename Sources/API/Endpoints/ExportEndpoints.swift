import Credentials
import Domain
import HTTP
import Primitives
import S3
import Store

/// Exports to S3: start with keys in the request or in a stored location, status, restart, abandon.
struct ExportEndpoints: Sendable {
    let exports: ExportStore
    let videos: VideoStore
    let locations: S3LocationStore
    let service: S3Service
    let secretBox: SecretBox

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/{videoId}/out/s3", startWithKeys)
        try routes.keyed(.post, "/v1/videos/{videoId}/out/s3/{outputLocationId}", startToLocation)
        try routes.keyed(.get, "/v1/videos/{videoId}/out/status", status)
        try routes.keyed(.post, "/v1/videos/{videoId}/out/restart", restart)
        try routes.keyed(.delete, "/v1/videos/{videoId}/out/abandon", abandon)
    }

    /// Bytes of an object's key, and of its beginning.
    private static let longestKey = 1024

    /// Where an export goes.
    private struct Target {
        let bucket: String
        let credentials: S3Credentials
        let sealed: [UInt8]
        let location: ID<S3Location>?
    }

    @Sendable private func startWithKeys(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ["s3Bucket", "objectKeyPrefix"], problems: problems)
        reader.require("s3Bucket")
        let place = reader.object("s3Bucket", known: ObjectReader.bucketMembers) { $0.bucket() }
        let prefix = prefix(reader)
        try problems.check()
        guard let place else { throw ValidationFailure(problems: [Problem(field: "s3Bucket", actual: nil, "is required")]) }
        let target = Target(
            bucket: place.name, credentials: place.credentials, sealed: try place.credentials.sealed(by: secretBox), location: nil)
        guard let video = try await videos.get(id, scope: caller.scope) else { throw APIError.notFound(.video) }
        return try await start(video, prefix, target, caller)
    }

    /// The location must belong to the video's team: its keys are for that team's members.
    @Sendable private func startToLocation(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<Video> = try request.parameters.value("videoId")
        let locationID: ID<S3Location> = try request.parameters.value("outputLocationId")
        let problems = ProblemCollector()
        _ = QueryReader(request, known: [], problems: problems)
        let prefix = prefix(ObjectReader(try request.requiredJSON(), known: ["objectKeyPrefix"], problems: problems))
        try problems.check()
        guard let video = try await videos.get(id, scope: caller.scope) else { throw APIError.notFound(.video) }
        guard let location = try await locations.get(locationID, scope: TeamScope(video.team)) else {
            throw APIError.notFound(.s3Location)
        }
        let target = Target(
            bucket: location.bucket, credentials: try S3Credentials(sealed: location.sealedCredentials, by: secretBox),
            sealed: location.sealedCredentials, location: location.id)
        return try await start(video, prefix, target, caller)
    }

    private func prefix(_ reader: ObjectReader) -> String {
        reader.require("objectKeyPrefix")
        return reader.objectKey("objectKeyPrefix", bytes: 0...Self.longestKey) ?? ""
    }

    private func start(
        _ video: VideoRecord, _ prefix: String, _ target: Target, _ caller: APIKeyStore.Caller
    ) async throws -> HTTPResponse {
        let file = try video.finishedFile()
        switch video.output?.status {
        case .initial, .inProgress: throw StoreError.conflict(.exportRunning)
        case .failed: throw StoreError.conflict(.exportFailed)
        case .done, nil: break
        }
        let key = Self.key(prefix: prefix, fileName: file.name)
        guard key.utf8.count <= Self.longestKey else {
            throw ValidationFailure(problems: [
                Problem(
                    field: "objectKeyPrefix", actual: prefix,
                    "makes a key of \(key.utf8.count) bytes with '\(file.name)'; allowed are \(Self.longestKey)")
            ])
        }
        try await checkAbsence(of: key, target)
        let started = try await exports.start(
            NewExport(
                video: video.id, bucket: target.bucket, objectKey: key, sealedCredentials: target.sealed, location: target.location,
                partBytes: S3UploadPlan(size: Int(file.size)).partBytes), scope: caller.scope)
        return .json(.accepted, started.outputStatus ?? .null)
    }

    /// Prefix and file name with one slash between them; the name alone for an empty prefix. A name stays one part of the key.
    private static func key(prefix: String, fileName: String) -> String {
        let name = PlainFileName(fileName).text
        if prefix.isEmpty { return name }
        return prefix.hasSuffix("/") ? prefix + name : prefix + "/" + name
    }

    /// Looks whether the bucket is there, takes the keys, and has no such object. Keys that may only write tell nothing: then
    /// the upload itself finds it out.
    private func checkAbsence(of key: String, _ target: Target) async throws {
        do throws(S3Error) {
            _ = try await service.bucket(target.bucket, credentials: target.credentials).probe(key)
        } catch .noSuchKey {
            return
        } catch .accessDenied {
            return
        } catch .rangeNotSatisfiable {
            throw S3Error.alreadyExists(key)
        } catch {
            throw error
        }
        throw S3Error.alreadyExists(key)
    }

    @Sendable private func status(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        guard let status = try await videos.find(request, caller).outputStatus else { return .empty }
        return .json(.ok, status)
    }

    @Sendable private func restart(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let video = try await exports.restart(try request.parameters.value("videoId"), scope: caller.scope)
        return .json(.accepted, video.outputStatus ?? .null)
    }

    @Sendable private func abandon(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        try await exports.abandon(try request.parameters.value("videoId"), scope: caller.scope)
        return .empty
    }
}
