import GPU
import Synchronization

/// One frame on its way through a processor. Dropping it unfinished gives its place back once the device is done.
package final class PictureTicket: Sendable {
    /// The frame's absolute index.
    package let frameIndex: Int
    let slot: Int
    let submission: Submission
    private let queue: SlotQueue
    private let isReleased = Atomic(false)

    init(frameIndex: Int, slot: Int, submission: Submission, queue: SlotQueue) {
        self.frameIndex = frameIndex
        self.slot = slot
        self.submission = submission
        self.queue = queue
    }

    deinit { release() }

    /// Gives the frame's place to the next one; only the first call does.
    func release() {
        guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
        queue.put(SlotQueue.Free(slot: slot, pending: submission))
    }
}
