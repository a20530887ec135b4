package import Credentials
package import Domain
import HTTP
package import JobQueue
import Lanes
import Logging
package import ObjectStorage
import Primitives
package import S3
package import Store
package import Telemetry

/// Copies a finished file to somebody's bucket, in parts. Which parts have arrived is kept in the database, so that the export
/// goes on where it stopped, even after a kill.
package struct ExportHandler: JobHandler {
    private let exports: ExportStore
    private let rateCard: RateCard
    private let objects: FileObjectStore
    private let secrets: SecretBox
    private let service: S3Service
    private let observer: Observer

    /// Parts on their way at once; each is in memory twice.
    private static let partsAtOnce = 4
    /// The note by which an object is known as this export's own.
    private static let note = "remaster-export"

    package init(
        exports: ExportStore, rateCard: RateCard = .standard, objects: FileObjectStore, secrets: SecretBox,
        service: S3Service, observer: Observer
    ) {
        self.exports = exports
        self.rateCard = rateCard
        self.objects = objects
        self.secrets = secrets
        self.service = service
        self.observer = observer
    }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        guard let record = try await exports.record(of: unit.video), let file = record.file else {
            return .dead(UnitFailure(code: "VIDEO_NOT_FOUND", message: "The video or its file was removed.", details: nil))
        }
        let bucket = service.bucket(record.bucket, credentials: try S3Credentials(sealed: record.sealedCredentials, by: secrets))
        do {
            try await export(record, file, to: bucket, unit.lease, progress)
            var result = UnitResult()
            let download = BillingStore.Download(
                video: record.video, bytes: file.size, category: .export, reference: "export \(record.id)")
            result.download = BilledDownload(download, by: rateCard)
            return .succeeded(result)
        } catch let error as S3Error {
            try Task.checkCancellation()
            let failure = UnitFailure(code: error.code, message: error.message, details: nil)
            if case .noSuchUpload = error {
                // Dropped by the bucket's own rules, perhaps: begun anew by the next attempt.
                try await exports.keepUpload(nil, for: unit.lease)
                return .retry(after: nil, reason: failure)
            }
            return error.isRetryable ? .retry(after: nil, reason: failure) : .dead(failure)
        }
    }

    private func export(
        _ record: ExportRecord, _ file: StoredFile, to bucket: S3Bucket, _ lease: Lease, _ progress: UnitProgress
    ) async throws {
        let plan = S3UploadPlan(size: Int(file.size), partBytes: record.partBytes)
        let upload: String
        if let begun = record.upload { upload = begun } else { upload = try await begin(record, file, bucket, lease) }
        let present = try await exports.parts(of: record.video)
        let parts = try await send(plan, present, file, record, bucket, upload, lease, progress)
        // Known already where an earlier attempt was killed between the bucket's word and the database's.
        if try await isFinished(record, bucket) { return }
        do throws(S3Error) {
            try await bucket.completeUpload(upload, of: record.objectKey, parts: parts)
        } catch {
            guard try await isFinished(record, bucket) else { throw error }
        }
    }

    private func begin(_ record: ExportRecord, _ file: StoredFile, _ bucket: S3Bucket, _ lease: Lease) async throws -> String {
        let upload = try await bucket.beginUpload(
            record.objectKey, contentType: file.mimeType, notes: [Self.note: record.id.description])
        do {
            try await exports.keepUpload(upload, for: lease)
        } catch {
            // Nobody else knows of it. A cancelled task could send nothing, so that another one does.
            let abort = Task { try await bucket.abortUpload(upload, of: record.objectKey) }
            do { try await abort.value } catch {
                observer.logger.warning("an upload stays behind", metadata: ["bucket": "\(record.bucket)", "cause": "\(error)"])
            }
            throw error
        }
        return upload
    }

    /// Sends the parts that are not there yet; returns all of them.
    private func send(
        _ plan: S3UploadPlan, _ present: [ExportedPart], _ file: StoredFile, _ record: ExportRecord, _ bucket: S3Bucket,
        _ upload: String, _ lease: Lease, _ progress: UnitProgress
    ) async throws -> [S3Part] {
        let there = Set(present.map(\.number))
        var sent = there.filter { $0 <= plan.count }.reduce(0) { $0 + plan.range($1).length }
        progress.report(done: Int64(sent), of: Int64(plan.size))
        var missing = (1...plan.count).filter { !there.contains($0) }[...]
        var parts = present.map { S3Part(number: $0.number, entityTag: $0.entityTag) }
        let lanes = (0..<Self.partsAtOnce).map { _ in SerialLane(label: "export") }
        try await withThrowingTaskGroup(of: (lane: SerialLane, part: S3Part).self) { group in
            func sendNext(on lane: SerialLane) {
                guard let number = missing.popFirst() else { return }
                let (range, objects, key) = (plan.range(number), objects, file.key)
                group.addTask {
                    let bytes = try await lane.run { try objects.read(key, at: Int64(range.offset), count: range.length) }
                    guard bytes.count == range.length else { throw ObjectStorageError.notFound(key) }
                    let part = try await bucket.uploadPart(number, of: upload, bytes, to: record.objectKey)
                    try await exports.keepPart(ExportedPart(number: number, entityTag: part.entityTag), of: upload, for: lease)
                    return (lane, part)
                }
            }
            for lane in lanes { sendNext(on: lane) }
            while let done = try await group.next() {
                parts.append(done.part)
                sent += plan.range(done.part.number).length
                progress.report(done: Int64(sent), of: Int64(plan.size))
                sendNext(on: done.lane)
            }
        }
        return parts
    }

    /// Whether the object is there, and is this export's. Throws `.alreadyExists` when it is another; false when the keys may
    /// only write, and the service's own check has to do.
    private func isFinished(_ record: ExportRecord, _ bucket: S3Bucket) async throws(S3Error) -> Bool {
        do throws(S3Error) {
            let facts = try await bucket.head(record.objectKey, note: Self.note)
            guard facts.note == record.id.description else { throw .alreadyExists(record.objectKey) }
            return true
        } catch .noSuchKey {
            return false
        } catch .accessDenied {
            return false
        } catch {
            throw error
        }
    }
}
