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
    /// Every buffer is host-visible: what the host writes into an upload buffer can be bound as it is, without a copy.
    package var isUnified: Bool { handle.isUnified }

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
        let handle = try DeviceHandle(physical: physical, instance: instance, memoryLimit: limit)
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
        vkDestroySemaphore(handle.raw, timeline, nil)
    }

    // MARK: Memory

    /// Bytes that all buffers of this device together may take.
    package var memoryBudget: Int { handle.budget.limit }
    /// Bytes that buffers may still take.
    package var memoryAvailable: Int { max(0, handle.budget.limit - handle.budget.inUse) }
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

    /// Makes pipelines side by side, off the shared pool, so that the first frame does not wait for them.
    package func preparePipelines(_ descriptions: [PipelineDescription]) async throws {
        try await waitLane.run { try self.pipelines.prepare(descriptions, limits: self.limits) }
    }

    /// Writes the compiled pipelines to the file of `DeviceOptions.pipelineCache`, if there is one.
    package func savePipelineCache() throws(GPUError) { try pipelines.save() }

    // MARK: Work

    /// A recorder for the next submission.
    package func makeRecorder() throws(GPUError) -> CommandRecorder {
        retire()
        if let free = queue.withLock({ $0.free.popLast() }) { return try CommandRecorder(device: self, context: free) }
        return try CommandRecorder(device: self, context: CommandContext(device: handle, timestamps: features.timestamps))
    }

    /// Takes back the context of a recorder that was dropped unsubmitted.
    func recycle(_ context: CommandContext) { queue.withLock { $0.free.append(context) } }

    func submit(_ context: CommandContext, stages: StageMarks, held: [any AnyObject & Sendable]) throws(GPUError) -> Submission {
        let (result, state) = queue.withLock { queue in
            let value = queue.lastValue + 1
            let result = remaster_vk_submit(rawQueue, context.commands, timeline, value)
            let state = SubmissionState(value: value)
            if result == VK_SUCCESS {
                queue.lastValue = value
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
    func wait(for value: UInt64) throws(GPUError) {
        let patience: UInt64 = 10_000_000_000  // ns; the loop goes on, it only bounds one call into the driver
        var result = VK_TIMEOUT
        while result == VK_TIMEOUT { result = try check(remaster_vk_wait(handle.raw, timeline, value, patience), "vkWaitSemaphores") }
        retire()
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
                first.state.times.withLock { $0 = first.stages.times(ticks: ticks, period: limits.timestampPeriod) }
                queue.free.append(first.context)
                finished.append(queue.inFlight.removeFirst())
            }
            return finished
        }
        _ = finished  // released here, outside the lock
    }
}
