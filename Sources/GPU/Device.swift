import CVulkan
import Lanes
import Logging
import Synchronization

/// One open device: makes buffers, pipelines and recorders, and runs what was recorded, in order.
///
/// Unchecked: the handles are set in `init` and only read; what changes is behind `queue`'s lock, which also orders all
/// use of the `VkQueue` as Vulkan demands.
package final class Device: @unchecked Sendable {
    package let description: DeviceDescription
    package var features: DeviceFeatures { description.features }
    package var limits: DeviceLimits { description.limits }
    /// Whether what kernels write into `BufferMemory.device` is best read by the host where it lies; else it is copied for it.
    package let readsInPlace: Bool
    /// Floating-point operations of one submission at most, but for single kernels that are more.
    let largestSubmission: Double
    /// Pieces of work that share the memory.
    let shares: Int

    let handle: DeviceHandle
    /// Carries blocking waits, so that they hold no thread of the shared pool.
    let waitLane = SerialLane(label: "gpu.wait")
    private let rawQueue: VkQueue
    private let timeline: VkSemaphore
    private let queue = Mutex(QueueState())
    private let pipelines: PipelineStore
    private let logger: Logger

    private struct QueueState {
        var lastValue: UInt64 = 0
        var inFlight: [InFlight] = []
        var free: [CommandContext] = []
        /// Whether the device hangs.
        var isGivenUp = false
    }

    /// What a submission needs kept alive until the timeline has reached its value.
    private struct InFlight {
        var state: SubmissionState
        var context: CommandContext
        var stages: StageMarks
        var held: [any AnyObject & Sendable]
    }

    init(
        description: DeviceDescription, physical: VkPhysicalDevice, instance: InstanceHandle, options: DeviceOptions
    ) throws(GPUError) {
        let limit = options.memoryBudget ?? description.memoryBytes / 4 * 3
        let handle = try DeviceHandle(
            physical: physical, instance: instance, memoryLimit: limit, unclaimed: options.unclaimedMemory)
        shares = max(1, options.shares)
        readsInPlace = handle.memoryTypes.readsInPlace && !options.copiesResults
        largestSubmission = options.largestSubmission
        var queue: VkQueue?
        vkGetDeviceQueue(handle.raw, handle.facts.compute_family, 0, &queue)
        let rawQueue = try require(queue, "vkGetDeviceQueue")
        pipelines = try PipelineStore(device: handle, description: description, path: options.pipelineCache, logger: options.logger)
        var timeline: VkSemaphore?
        try check(remaster_vk_create_timeline(handle.raw, &timeline), "vkCreateSemaphore")
        self.timeline = try require(timeline, "vkCreateSemaphore")
        self.rawQueue = rawQueue
        self.handle = handle
        var described = description
        if let most = options.maxStorageBufferRange {
            described.limits.maxStorageBufferRange = min(described.limits.maxStorageBufferRange, most)
        }
        self.description = described
        logger = options.logger
        logger.debug("device open", metadata: ["device": "\(description.name)", "budget": "\(limit)"])
    }

    deinit {
        handle.waitIdle()
        retire()
        pipelines.saveNew()
        vkDestroySemaphore(handle.raw, timeline, nil)
    }

    // MARK: Memory

    /// Live objects of this device.
    package var statistics: DeviceStatistics {
        var copy = handle.statistics
        copy.submissions = queue.withLock { $0.inFlight.count }
        return copy
    }

    /// A new buffer; its contents are undefined.
    ///
    /// - Throws: `memoryBudgetExceeded` when it would pass the device's budget.
    package func makeBuffer(byteCount: Int, memory: BufferMemory = .device, label: String = "") throws(GPUError) -> Buffer {
        try Buffer(byteCount: byteCount, memory: memory, label: label, device: handle)
    }

    // MARK: Pipelines

    /// The pipeline of a kernel with these constants: made once, then shared.
    package func pipeline(
        _ shader: ShaderName, workgroup: WorkgroupSize, constants: [UInt32: SpecializationValue] = [:]
    ) throws(GPUError) -> ComputePipeline {
        try pipelines.pipeline(PipelineDescription(shader, workgroup: workgroup, constants: constants), limits: limits)
    }

    /// Makes pipelines side by side, off the shared pool, so that the first frame does not wait for them, and keeps those that are
    /// new in the file of `DeviceOptions.pipelineCache`. Where that cannot be written, it is logged once.
    package func preparePipelines(_ descriptions: [PipelineDescription]) async throws {
        try await waitLane.run {
            try self.pipelines.prepare(descriptions, limits: self.limits)
            self.pipelines.saveNew()
        }
    }

    /// Writes the compiled pipelines to the file of `DeviceOptions.pipelineCache`, if there is one, beside those that are there.
    package func savePipelineCache() throws(GPUError) { try pipelines.save() }

    /// Bytes of compiled pipelines that the file held for this device and driver when the device was opened.
    package var keptPipelineBytes: Int { pipelines.loadedBytes }

    // MARK: Work

    /// A recorder for the next submission.
    package func makeRecorder() throws(GPUError) -> CommandRecorder {
        retire()
        if let free = queue.withLock({ $0.free.popLast() }) { return try CommandRecorder(device: self, context: free) }
        return try CommandRecorder(device: self, context: CommandContext(device: handle, timestamps: features.timestamps))
    }

    /// Takes back the context of a recorder that was dropped unsubmitted.
    func recycle(_ context: CommandContext) { queue.withLock { $0.free.append(context) } }

    /// Hands over the parts of a recording, each with a value of the timeline of its own, so that its progress shows.
    func submit(_ context: CommandContext, stages: StageMarks, held: [any AnyObject & Sendable]) throws(GPUError) -> Submission {
        let (result, state) = queue.withLock { queue in
            var result = VK_SUCCESS
            var count = 0
            for commands in context.parts {
                result = remaster_vk_submit(rawQueue, commands, timeline, queue.lastValue + 1)
                guard result == VK_SUCCESS else { break }
                queue.lastValue += 1
                count += 1
            }
            let state = SubmissionState(value: queue.lastValue, partCount: count)
            if count > 0 {  // also where a later part was refused: those before it run
                queue.inFlight.append(InFlight(state: state, context: context, stages: stages, held: held))
            } else {
                queue.free.append(context)
            }
            return (result, state)
        }
        try check(result, "vkQueueSubmit")
        return Submission(state: state, device: self)
    }

    func hasReached(_ value: UInt64) throws(GPUError) -> Bool { try reachedValue() >= value }

    /// Blocks until the timeline has reached the value, then lets go of what is no longer in use.
    ///
    /// - Throws: `deviceLost` also when the timeline stands still for five minutes: not every driver resets a device that hangs.
    func wait(for value: UInt64) throws(GPUError) {
        var watch = StallWatch()
        while true {
            let isGivenUp = queue.withLock { $0.isGivenUp }
            let patience = isGivenUp ? 0 : StallWatch.round
            let result = try check(remaster_vk_wait(handle.raw, timeline, value, patience), "vkWaitSemaphores")
            guard result == VK_TIMEOUT else { break }
            let reached = try reachedValue()
            if isGivenUp || watch.hasStalled(at: reached) {
                giveUp()
                throw .deviceLost(operation: "vkWaitSemaphores")
            }
        }
        retire()
    }

    /// Whoever waits for a device that hangs is told at once from here on.
    private func giveUp() {
        let isFirst = queue.withLock { queue in
            defer { queue.isGivenUp = true }
            return !queue.isGivenUp
        }
        guard isFirst else { return }
        logger.debug("the device hangs", metadata: ["device": "\(description.name)"])
        // Never closed: that would wait for what runs, without end, or free it under the device.
        _ = Unmanaged.passRetained(self)
    }

    private func reachedValue() throws(GPUError) -> UInt64 {
        var value: UInt64 = 0
        try check(vkGetSemaphoreCounterValue(handle.raw, timeline, &value), "vkGetSemaphoreCounterValue")
        return value
    }

    /// Lets go of everything whose work is done: the retire list is the list of submissions in flight.
    private func retire() {
        let reached: UInt64
        do { reached = try reachedValue() } catch {
            // A lost device: whoever waits is told; what it held is freed when it is closed.
            logger.debug("timeline unreadable", metadata: ["error": "\(error)"])
            return
        }
        let finished = queue.withLock { queue in
            var finished: [InFlight] = []
            while let first = queue.inFlight.first, first.state.value <= reached {
                let ticks = first.context.timestamps(first.stages.queryCount)
                first.state.times.withLock { $0 = limits.clock.times(of: first.stages.names, at: ticks) }
                queue.free.append(first.context)
                finished.append(queue.inFlight.removeFirst())
            }
            return finished
        }
        _ = finished  // released here, outside the lock
    }
}
