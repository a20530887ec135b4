import CLibAV
import Synchronization

/// Ends blocking media work from outside: by hand, or when a deadline has passed.
package final class MediaInterrupt: Sendable {
    private let cancelled = Atomic(false)
    private let deadline: ContinuousClock.Instant?

    /// - Parameter deadline: after it every use throws `MediaError.timedOut`; nil for none.
    package init(deadline: ContinuousClock.Instant? = nil) { self.deadline = deadline }

    /// Every use from now on throws `MediaError.cancelled`, also one that waits for the disk.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    var isTimedOut: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

    /// Throws when the work is to end.
    func check() throws(MediaError) {
        if isCancelled { throw .cancelled }
        if isTimedOut { throw .timedOut }
    }

    /// The form the library polls.
    ///
    /// It holds no reference: whoever installs it keeps the interrupt alive for as long as the library may poll.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                let interrupt = Unmanaged<MediaInterrupt>.fromOpaque(opaque).takeUnretainedValue()
                return interrupt.isCancelled || interrupt.isTimedOut ? 1 : 0
            }, opaque: Unmanaged.passUnretained(self).toOpaque())
    }
}
