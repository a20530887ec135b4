import Domain
import Foundation
import JobQueue
import Lanes
import ObjectStorage
import Postgres
import Primitives
import Store
import Synchronization
import Transfer

/// The copy of one file of the import folder into the storage.
///
/// What an earlier attempt copied counts while the file is still the same: that is noted before the first byte, and after the last
/// byte of an earlier version is gone.
struct FolderImport: Sendable {
    let imports: ImportStore
    let objects: FileObjectStore
    let folder: ImportFolder?

    /// Why the copy did not end, in words for users.
    struct Failure: Error {
        let outcome: UnitOutcome

        static func dead(_ code: String, _ message: String) -> Failure {
            Failure(outcome: .dead(UnitFailure(code: code, message: message, details: nil)))
        }

        static func retry(_ code: String, _ message: String) -> Failure {
            Failure(outcome: .retry(after: nil, reason: UnitFailure(code: code, message: message, details: nil)))
        }
    }

    /// What is noted of the source.
    private struct Checkpoint: Codable, Equatable {
        let identity: String
    }

    /// - Returns: size and CRC-32C of the published file.
    func run(
        _ record: ImportRecord, _ request: ImportRequest, path: String, unit: LeasedUnit, progress: UnitProgress
    ) async throws -> (size: Int64, crc32c: UInt32) {
        let key = VideoObjects(record.video).file
        let lane = SerialLane(label: "remaster.import.folder")
        let source = try await lane.run { [self] in try open(path, team: record.team) }
        let noted = Checkpoint(identity: source.identity)
        // A note that cannot be read says nothing about the source, so that all of it is copied.
        let found = record.checkpoint.flatMap { try? JSONDecoder().decode(Checkpoint.self, from: Data($0.text.utf8)) }
        // Held until the copy ends, so that nobody else's bytes come between the note and the copy.
        let target = try await lane.run { [self] in
            // An attempt that was killed after publishing left the object: it is copied anew, to the same bytes.
            let target: CollectedFile
            do { target = try CollectedFile(for: key, in: objects) } catch is CollectedFile.Busy {
                throw TransferError.inProgress
            }
            guard found != noted else { return target }
            // Bytes of another version are gone for good before the note says whose the bytes there are: whatever ends this attempt
            // in between, the next one finds none of them under it.
            try target.truncate(to: 0)
            try target.sync()
            return target
        }
        if found != noted {
            let text = String(decoding: try JSONEncoder().encode(noted), as: UTF8.self)
            try await imports.saveCheckpoint(JSONDocument(text), for: unit.lease)
        }
        let isCancelled = Mutex(false)
        let sum = try await withTaskCancellationHandler {
            try await lane.run {
                let start = try target.size()
                do {
                    return try source.copy(to: target, from: start) { done in
                        if isCancelled.withLock({ $0 }) { throw CancellationError() }
                        progress.report(done: done, of: source.size)
                    }
                } catch FolderCopyError.tooLarge(let limit) {
                    throw TransferError.tooLarge(bytes: Int(source.size), limit: Int(limit))
                } catch is FolderCopyError {
                    throw Failure.dead(
                        "UNEXPECTED_CONTENT_RANGE", "The file changed while it was copied; restart the import once it is whole.")
                } catch let error as FolderError {
                    throw Self.failure(error, path)
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
        let skips = request.skipChecksumValidation || record.skipsChecksum
        if let wanted = request.crc32c, wanted != sum.value, !skips {
            throw TransferError.checksumMismatch(expected: CRC32C(value: wanted), actual: sum)
        }
        _ = try objects.publishCollected(as: key)
        return (source.size, sum.value)
    }

    private func open(_ text: String, team: ID<Team>) throws -> FolderFile {
        guard let folder else {
            throw Failure.dead(
                "CONFLICT",
                "This worker has no import folder; every process needs the same REMASTER_IMPORT_DIRECTORY. Restart the import then.")
        }
        guard let path = FolderPath(text) else { throw Failure.dead("INVALID_INPUT", "The path \(FolderPath.rule).") }
        do throws(FolderError) {
            return try folder.file(path, team: team.description)
        } catch {
            throw Self.failure(error, text)
        }
    }

    private static func failure(_ error: FolderError, _ path: String) -> Failure {
        switch error {
        case .notFound: .dead("KEY_NOT_FOUND", "The team's import folder has no '\(path)' any more.")
        case .notAFile: .dead("INVALID_INPUT", "'\(path)' is no regular file any more.")
        case .unreadable(let code): .retry("RESOLVE_OBJECT_METADATA_ERROR", "'\(path)' cannot be read (errno \(code)).")
        }
    }
}
