package import Credentials
import Domain
import Foundation
package import HTTP
package import JobQueue
package import ObjectStorage
import Pipeline
import Postgres
import Primitives
package import Store
package import Telemetry
import Transfer

/// Copies a master from its HTTPS source into the storage; a copy that was interrupted goes on where it stopped.
package struct ImportHandler: JobHandler {
    private let imports: ImportStore
    private let objects: FileObjectStore
    private let secrets: SecretBox
    private let client: HTTPClient
    private let policy: OutgoingURLPolicy
    private let observer: Observer

    package init(
        imports: ImportStore, objects: FileObjectStore, secrets: SecretBox, client: HTTPClient, policy: OutgoingURLPolicy,
        observer: Observer
    ) {
        self.imports = imports
        self.objects = objects
        self.secrets = secrets
        self.client = client
        self.policy = policy
        self.observer = observer
    }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        guard let record = try await imports.request(of: unit.video), let sealed = record.sealedSecret else {
            return .dead(UnitFailure(code: "VIDEO_NOT_FOUND", message: "The import was removed.", details: nil))
        }
        let url = String(decoding: try secrets.open(sealed, context: ImportRequest.sealContext), as: UTF8.self)
        let request = try JSONDecoder().decode(ImportRequest.self, from: Data(record.request.text.utf8))
        let key = VideoObjects(unit.video).file
        let copy = RangeCopy(
            client: client, policy: policy, url: url, destination: objects.collectionPath(for: key),
            options: RangeCopyOptions(
                expectedChecksum: request.crc32c.map { CRC32C(value: $0) },
                skipChecksumValidation: request.skipChecksumValidation || record.skipsChecksum,
                maximumConnections: request.maximumConnections))
        do {
            let facts = try await copy.probe()
            let result = try await copy.run(facts) { state in
                progress.report(done: Int64(state.copiedBytes), of: Int64(state.totalBytes))
            }
            _ = try objects.publishCollected(as: key)
            var outcome = UnitResult()
            outcome.object = key
            outcome.crc32c = result.checksum.value
            outcome.file = StoredFile(
                name: record.file.name, size: Int64(result.bytes), mimeType: record.file.mimeType ?? "application/octet-stream",
                containerName: "", crc32c: result.checksum.value, key: key, lastModified: Date())
            return .succeeded(outcome)
        } catch let error as TransferError {
            try Task.checkCancellation()
            let failure = UnitFailure(code: error.code, message: error.message, details: nil)
            return error.isRetryable ? .retry(after: nil, reason: failure) : .dead(failure)
        }
    }
}
