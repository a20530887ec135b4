import Foundation
import JobQueue
import Media
import ObjectStorage
import Pipeline
import Store
import Testing
import Transfer
import Workers

@Suite struct StorageFailureTests {
    @Test(
        "A storage that takes nothing says nothing about the unit, whoever passed the error on",
        arguments: [
            (ObjectStorageError.diskFull(path: "/p"), "full"),
            (ObjectStorageError.failed(operation: "open", path: "/p", errno: EROFS), "read-only"),
            (ObjectStorageError.failed(operation: "fsync", path: "/p", errno: EIO), "fails"),
            (MediaError.unwritable(path: "/p", errno: ENOSPC), "full"), (MediaError.unwritable(path: "/p", errno: EDQUOT), "full"),
            (MediaError.unwritable(path: "/p", errno: EIO), "fails"), (PipelineError.media(.unwritable(path: "/p", errno: ENOSPC)), "full"),
            (TransferError.diskFull(path: "/p"), "full"), (TransferError.file(operation: "pwrite", path: "/p", code: EIO), "fails"),
            (TransferError.file(operation: "open", path: "/p", code: ENOSPC), "full"),
        ] as [(any Error, String)])
    func putBack(_ error: any Error, word: String) {
        guard case .postponed(let failure)? = StorageFailure.outcome(of: error) else {
            Issue.record("\(String(describing: StorageFailure.outcome(of: error)))")
            return
        }
        #expect(failure.code == UnitFailure.storageUnavailable && failure.message.contains(word))
        #expect(!failure.message.contains("/p"), "people of the team read it")
    }

    @Test(
        "What the source or one object is the reason of, is the unit's",
        arguments: [
            ObjectStorageError.failed(operation: "pread", path: "/p", errno: EIO),
            ObjectStorageError.failed(operation: "open", path: "/p", errno: EACCES), MediaError.unreadable(path: "/p", errno: EIO),
            MediaError.unwritable(path: "/p", errno: EFBIG), MediaError.empty, PipelineError.media(.unreadable(path: "/p", errno: EIO)),
            TransferError.file(operation: "pread", path: "/p", code: EIO), TransferError.file(operation: "ledger", path: "/p", code: EIO),
            TransferError.noContent, CancellationError(),
        ] as [any Error])
    func others(_ error: any Error) { #expect(StorageFailure.outcome(of: error) == nil) }

    @Test("A copy that is given up as too slow has not come far enough to be given its attempts anew") func trickle() {
        let options = RangeCopyOptions()
        let gained = options.minimumCopyBytesPerSecond * Int(options.copyRateWindow.components.seconds)
        #expect(Int64(gained) < JobStore.creditedGrowth)
    }
}
