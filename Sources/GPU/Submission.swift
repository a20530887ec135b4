import Lanes
import Synchronization

/// Work that has been handed to the device.
///
/// It holds every buffer and pipeline it uses until it has run, whether anyone waits for it or not.
package final class Submission: Sendable {
    let state: SubmissionState
    private let device: Device

    init(state: SubmissionState, device: Device) {
        self.state = state
        self.device = device
    }

    /// Parts that the work was handed over in, at least 1.
    package var partCount: Int { state.partCount }

    /// Whether the work is done and its writes can be read.
    package var isComplete: Bool {
        get throws(GPUError) { try device.hasReached(state.value) }
    }

    /// Suspends until the work is done; no thread of the shared pool is held meanwhile.
    ///
    /// - Returns: the time of each stage, where the device has timestamps.
    @discardableResult
    package func wait() async throws -> [StageTime] {
        if try isComplete { return try waitBlocking() }
        return try await device.waitLane.run { try self.waitBlocking() }
    }

    /// Blocks the calling thread until the work is done: for callers on a lane or thread of their own.
    ///
    /// - Returns: the time of each stage, where the device has timestamps.
    @discardableResult
    package func waitBlocking() throws(GPUError) -> [StageTime] {
        try device.wait(for: state.value)
        return state.times.withLock { $0 }
    }
}

/// What outlives the handles of a submission: its place on the timeline, and its times once it has run.
final class SubmissionState: Sendable {
    /// The timeline semaphore's value when the work is done.
    let value: UInt64
    let partCount: Int
    let times = Mutex<[StageTime]>([])

    init(value: UInt64, partCount: Int) {
        self.value = value
        self.partCount = partCount
    }
}
