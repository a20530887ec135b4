package import JobQueue
import Media
import ObjectStorage
import Pipeline
import Store
import Transfer

/// How a storage that takes nothing ends a unit: it is put back untried, because it says nothing about the unit. Whatever has room
/// again, or another disk, lets all of them go on where they were, with every finished segment.
package enum StorageFailure {
    /// Nil when the error is of another kind: of the source, or of one object.
    ///
    /// - Parameter error: of writing to the storage, as it was thrown or wrapped by the pipeline.
    package static func outcome(of error: any Error) -> UnitOutcome? {
        refusal(in: error).map { .postponed(UnitFailure(code: UnitFailure.storageUnavailable, message: $0.message)) }
    }

    private static func refusal(in error: any Error) -> StorageRefusal? {
        switch error {
        case let error as ObjectStorageError: error.refusal
        case let error as TransferError: error.storageRefusal
        // The media libraries write nowhere else.
        case MediaError.unwritable(_, let code), PipelineError.media(.unwritable(_, let code)): StorageRefusal(errno: code)
        default: nil
        }
    }
}
