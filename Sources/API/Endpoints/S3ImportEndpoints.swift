import Credentials
import Domain
import HTTP
import Primitives
import S3
import Store
import Transfer

/// Imports from S3, with keys in the request or in a stored location.
struct S3ImportEndpoints: Sendable {
    let starter: ImportStarter
    let locations: S3LocationStore
    let service: S3Service
    let secretBox: SecretBox
    let capabilities: Capabilities

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.post, "/v1/videos/in/s3", startWithKeys)
        try routes.keyed(.post, "/v1/videos/in/s3/{inputLocationId}", startFromLocation)
    }

    /// Bytes of an object's key.
    private static let keyLength = 1...1024

    @Sendable private func startWithKeys(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let problems = ProblemCollector()
        let query = QueryReader(request, known: ImportForm.parameters, problems: problems)
        let reader = ObjectReader(
            try request.requiredJSON(), known: ImportForm.members + ["objectKey", "s3Bucket"], problems: problems)
        let form = ImportForm(query, reader, capabilities)
        let key = objectKey(reader)
        reader.require("s3Bucket")
        let place = reader.object("s3Bucket", known: ObjectReader.bucketMembers) { $0.bucket() }
        try problems.check()
        guard let place else { throw ValidationFailure(problems: [Problem(field: "s3Bucket", actual: nil, "is required")]) }
        let target = try await starter.target(of: form, caller)
        return try await start(
            form, target, key, place.name, place.credentials, sealed: try place.credentials.sealed(by: secretBox), location: nil)
    }

    /// The location must belong to the team the video goes to: its keys are for that team's members.
    @Sendable private func startFromLocation(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let id: ID<S3Location> = try request.parameters.value("inputLocationId")
        let problems = ProblemCollector()
        let query = QueryReader(request, known: ImportForm.parameters, problems: problems)
        let reader = ObjectReader(try request.requiredJSON(), known: ImportForm.members + ["objectKey"], problems: problems)
        let form = ImportForm(query, reader, capabilities)
        let key = objectKey(reader)
        try problems.check()
        let team = try caller.team(selected: form.team)
        guard let location = try await locations.get(id, scope: TeamScope(team)) else { throw APIError.notFound(.s3Location) }
        let target = try await starter.target(of: form, caller)
        let credentials = try S3Credentials(sealed: location.sealedCredentials, by: secretBox)
        return try await start(
            form, target, key, location.bucket, credentials, sealed: location.sealedCredentials, location: location.id)
    }

    private func objectKey(_ reader: ObjectReader) -> String {
        reader.require("objectKey")
        return reader.objectKey("objectKey", bytes: Self.keyLength) ?? ""
    }

    private func start(
        _ form: ImportForm, _ target: ImportStarter.Target, _ key: String, _ bucket: String, _ credentials: S3Credentials,
        sealed: [UInt8], location: ID<S3Location>?
    ) async throws -> HTTPResponse {
        let facts = try await service.bucket(bucket, credentials: credentials).probe(key)
        let limit = RangeCopyOptions().maximumBytes
        guard facts.size <= limit else {
            let failure = TransferError.tooLarge(bytes: facts.size, limit: limit)
            var error = APIError(.badRequest, code: failure.code, failure.message)
            error.problems = [
                Problem(field: "objectKey", actual: key, "names an object of \(facts.size) bytes; at most \(limit) are allowed")
            ]
            throw error
        }
        let video = try await starter.start(
            form, target,
            SourceProbe.Facts(
                byteCount: Int64(facts.size), mimeType: facts.contentType.map { String($0.prefix { $0 != ";" && $0 != " " }) },
                fileName: key.split(separator: "/").last.map(String.init)),
            ImportRequest(object: ImportRequest.StoredObject(bucket: bucket, key: key)), sealedSecret: sealed, location: location)
        return .json(.accepted, video.importStatus ?? .null)
    }
}
