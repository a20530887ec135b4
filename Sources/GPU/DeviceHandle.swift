import CVulkan
import Synchronization

/// Live objects of a device; all zero once everything made from it has been let go.
package struct DeviceStatistics: Sendable, Equatable {
    package var buffers = 0
    /// Bytes of all buffers.
    package var bufferBytes = 0
    package var pipelines = 0
    /// Submissions whose work or resources are still held.
    package var submissions = 0
    /// Sets of command pool, descriptor pools and queries, in use or kept for the next recorder.
    package var commandContexts = 0
}

/// Unique owner of the `VkDevice`; every object made from it holds it, so it is destroyed last.
///
/// Unchecked: all members but the counters are set in `init` and only read afterwards; Vulkan allows creating and
/// destroying objects of a device from any thread.
final class DeviceHandle: @unchecked Sendable {
    let raw: VkDevice
    let physical: VkPhysicalDevice
    let facts: RemasterDeviceFacts
    let memoryTypes: MemoryTypes
    let budget: MemoryBudget
    private let counters = Mutex(DeviceStatistics())
    private let instance: InstanceHandle
    private let unclaimed: (@Sendable () -> Int)?

    /// - Parameter unclaimed: asked in place of the driver; nil: the driver is asked.
    init(
        physical: VkPhysicalDevice, instance: InstanceHandle, memoryLimit: Int, unclaimed: (@Sendable () -> Int)?
    ) throws(GPUError) {
        let facts = InstanceHandle.facts(of: physical)
        var device: VkDevice?
        try check(withUnsafePointer(to: facts) { remaster_vk_create_device(physical, $0, &device) }, "vkCreateDevice")
        raw = try require(device, "vkCreateDevice")
        self.physical = physical
        self.facts = facts
        memoryTypes = MemoryTypes(facts)
        self.instance = instance
        self.unclaimed = unclaimed
        budget = MemoryBudget(limit: memoryLimit)
    }

    deinit { vkDestroyDevice(raw, nil) }

    var statistics: DeviceStatistics {
        var copy = counters.withLock { $0 }
        copy.bufferBytes = budget.inUse
        return copy
    }

    /// What `count` counts.
    enum Counted { case buffer, pipeline, commandContext }

    /// Notes that an object has come (+1) or gone (−1).
    func count(_ object: Counted, _ change: Int) {
        counters.withLock { counters in
            switch object {
            case .buffer: counters.buffers += change
            case .pipeline: counters.pipelines += change
            case .commandContext: counters.commandContexts += change
            }
        }
    }

    /// Bytes of the device's memory that the driver would still give this process, in view of the others; nil where it does not
    /// say. A CPU device's driver is not asked: it tells what the host has free at the moment.
    var unclaimedBytes: Int? {
        if let unclaimed { return unclaimed() }
        guard facts.memory_budget, facts.properties.deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU else { return nil }
        return Int(clamping: withUnsafePointer(to: facts) { remaster_vk_unclaimed_bytes(physical, $0) })
    }

    /// Waits until nothing runs on the device any more.
    func waitIdle() { _ = vkDeviceWaitIdle(raw) }
}
