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
    let budget: MemoryBudget
    private let counters = Mutex(DeviceStatistics())
    private let instance: InstanceHandle

    init(physical: VkPhysicalDevice, instance: InstanceHandle, memoryLimit: Int) throws(GPUError) {
        let facts = InstanceHandle.facts(of: physical)
        var device: VkDevice?
        try check(withUnsafePointer(to: facts) { remaster_vk_create_device(physical, $0, &device) }, "vkCreateDevice")
        raw = try require(device, "vkCreateDevice")
        self.physical = physical
        self.facts = facts
        self.instance = instance
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

    /// Waits until nothing runs on the device any more.
    func waitIdle() { _ = vkDeviceWaitIdle(raw) }
}
