package import Credentials
import Domain
import Foundation
package import HTTP
package import JobQueue
import Lanes
package import ObjectStorage
import Pipeline
import Postgres
import Primitives
package import S3
package import Store
package import Telemetry
package import Transfer

/// Copies a master from its source, a URL, an object in S3 or a file of the import folder, into the storage; a copy that was
/// interrupted goes on where it stopped.
package struct ImportHandler: JobHandler {
    private let imports: ImportStore
    private let objects: FileObjectStore
    private let secrets: SecretBox
    private let client: HTTPClient
    private let policy: OutgoingURLPolicy
    private let service: S3Service
    private let folder: ImportFolder?
    private let mostConnections: Int
    private let observer: Observer

    /// - Parameters:
    ///   - policy: for URLs; the S3 service has its own.
    ///   - folder: the operator's; nil for none.
    ///   - mostConnections: of one copy, however many it was asked to have.
    package init(
        imports: ImportStore, objects: FileObjectStore, secrets: SecretBox, client: HTTPClient, policy: OutgoingURLPolicy,
        service: S3Service, folder: ImportFolder? = nil, mostConnections: Int = 32, observer: Observer
    ) {
        self.imports = imports
        self.objects = objects
        self.secrets = secrets
        self.client = client
        self.policy = policy
        self.service = service
        self.folder = folder
        self.mostConnections = mostConnections
        self.observer = observer
    }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        let removed = UnitFailure(code: "VIDEO_NOT_FOUND", message: "The import was removed.", details: nil)
        guard let record = try await imports.request(of: unit.video) else { return .dead(removed) }
        let request: ImportRequest
        do { request = try JSONDecoder().decode(ImportRequest.self, from: Data(record.request.text.utf8)) } catch {
            return UnreadableDocument("What this import was asked for", error).outcome
        }
        do {
            if request.isCollected == true { return .succeeded(try await adopt(record, request, progress)) }
            if let path = request.folderPath {
                let copy = FolderImport(imports: imports, objects: objects, folder: folder)
                let (size, sum) = try await copy.run(record, request, path: path, unit: unit, progress: progress)
                return .succeeded(outcome(record, size: size, crc32c: sum))
            }
            guard let sealed = record.sealedSecret else { return .dead(removed) }
            return .succeeded(try await copy(record, request, sealed, progress))
        } catch let error as TransferError {
            try Task.checkCancellation()
            if let outcome = StorageFailure.outcome(of: error) { return outcome }
            let failure = UnitFailure(code: error.code, message: error.message, details: Self.details(of: error))
            return error.isRetryable ? .retry(after: nil, reason: failure) : .dead(failure)
        } catch let failure as FolderImport.Failure {
            try Task.checkCancellation()
            return failure.outcome
        } catch let error as S3Error {
            try Task.checkCancellation()
            let failure = UnitFailure(code: error.code, message: error.message, details: nil)
            return error.isRetryable ? .retry(after: nil, reason: failure) : .dead(failure)
        } catch let error as ObjectStorageError {
            try Task.checkCancellation()
            guard let outcome = StorageFailure.outcome(of: error) else { throw error }
            return outcome
        }
    }

    /// The numbers of a failure, for programs.
    private static func details(of error: TransferError) -> JSONDocument? {
        guard case .checksumMismatch(let expected, let actual) = error else { return nil }
        return JSONDocument(#"{"expected": \#(expected.value), "actual": \#(actual.value)}"#)
    }

    private func copy(
        _ record: ImportRecord, _ request: ImportRequest, _ sealed: [UInt8], _ progress: UnitProgress
    ) async throws -> UnitResult {
        let key = VideoObjects(record.video).file
        var options = RangeCopyOptions(
            expectedChecksum: request.crc32c.map { CRC32C(value: $0) },
            skipChecksumValidation: request.skipChecksumValidation || record.skipsChecksum,
            maximumConnections: min(request.maximumConnections, mostConnections))
        let source: RangeSource
        var facts: SourceFacts?
        if let object = request.object {
            let bucket = service.bucket(object.bucket, credentials: try S3Credentials(sealed: sealed, by: secrets))
            let found = try await bucket.probe(object.key)
            facts = SourceFacts(
                size: found.size, entityTag: found.entityTag, lastModified: found.lastModified, contentType: found.contentType)
            source = RangeSource(identity: "s3://\(object.bucket)/\(object.key)") { bucket.getRequest(object.key, headers: $0) }
            // A signature is good for one host only.
            options.maximumRedirects = 0
        } else {
            source = .url(String(decoding: try secrets.open(sealed, context: ImportRequest.sealContext), as: UTF8.self), policy: policy)
        }
        let copy = RangeCopy(
            client: client, source: source, destination: objects.collectionPath(for: key), published: objects.path(of: key),
            options: options)
        let result = try await copy.run(facts) { state in
            progress.report(done: Int64(state.copiedBytes), of: Int64(state.totalBytes))
        }
        // The list of pieces stays until the ingestion: an attempt that follows because the outcome was lost finds that all is there.
        if result.path != objects.path(of: key) { _ = try objects.publishCollected(as: key) }
        return outcome(record, size: Int64(result.bytes), crc32c: result.checksum.value)
    }

    /// Takes an uploaded file over: it is in storage, and only its checksum is to be found.
    private func adopt(_ record: ImportRecord, _ request: ImportRequest, _ progress: UnitProgress) async throws -> UnitResult {
        let key = VideoObjects(record.video).file
        // An attempt that was killed after publishing left the object itself.
        let isPublished = try objects.exists(key)
        let path = isPublished ? objects.path(of: key) : objects.collectionPath(for: key)
        guard let file = FileHandle(forReadingAtPath: path) else { throw TransferError.noContent }
        let lane = SerialLane(label: "remaster.import.adopt")
        var (sum, done, total) = (CRC32C(), Int64(0), record.file.size ?? 0)
        while let piece = try await lane.run({ try file.read(upToCount: 4 << 20) }), !piece.isEmpty {
            try Task.checkCancellation()
            sum.update(piece)
            done += Int64(piece.count)
            total = max(total, done)
            progress.report(done: done, of: total)
        }
        let skips = request.skipChecksumValidation || record.skipsChecksum
        if let wanted = request.crc32c, wanted != sum.value, !skips {
            throw TransferError.checksumMismatch(expected: CRC32C(value: wanted), actual: sum)
        }
        if !isPublished { _ = try objects.publishCollected(as: key) }
        return outcome(record, size: done, crc32c: sum.value)
    }

    private func outcome(_ record: ImportRecord, size: Int64, crc32c: UInt32) -> UnitResult {
        let key = VideoObjects(record.video).file
        var outcome = UnitResult()
        outcome.object = key
        outcome.crc32c = crc32c
        outcome.file = StoredFile(
            name: record.file.name, size: size, mimeType: record.file.mimeType ?? "application/octet-stream", containerName: "",
            crc32c: crc32c, key: key, lastModified: Date())
        return outcome
    }
}
