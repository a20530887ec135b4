import CVulkan

/// What sort of processor a device is (`VkPhysicalDeviceType`).
package enum DeviceKind: String, Sendable, CaseIterable {
    /// Software on the host's processors, such as lavapipe.
    case cpu
    /// Shares the host's memory.
    case integrated
    /// Has memory of its own behind a bus.
    case discrete
    /// A share of a device, handed out by a hypervisor.
    case virtual
    case other
}

/// Optional abilities of a device.
package struct DeviceFeatures: Sendable, Equatable {
    /// 16-bit floating-point arithmetic in shaders (`shaderFloat16`).
    package var float16: Bool
    /// 16-bit values in storage and uniform buffers.
    package var storage16Bit: Bool
    /// Matrix units are reachable (`VK_KHR_cooperative_matrix`).
    package var cooperativeMatrix: Bool
    /// The compute queue writes timestamps, so stages can be timed.
    package var timestamps: Bool
    /// Timeline semaphores; required.
    package var timelineSemaphores: Bool
    /// Kernels may be given addresses instead of bindings (`bufferDeviceAddress`); required.
    package var bufferAddresses: Bool
    /// Invocations that run in lockstep.
    package var subgroupSize: Int
}

/// Limits of a device that the product heeds. Sizes in bytes.
package struct DeviceLimits: Sendable, Equatable {
    /// Largest part of a buffer that one storage binding can show.
    package var maxStorageBufferRange: Int
    /// Largest part of a buffer that one uniform binding can show.
    package var maxUniformBufferRange: Int
    package var maxPushConstantBytes: Int
    /// Offset of a bound slice must be a multiple of this.
    package var bufferOffsetAlignment: Int
    package var maxWorkgroupInvocations: Int
    /// Per axis.
    package var maxWorkgroupSize: [Int]
    /// Per axis.
    package var maxWorkgroupCount: [Int]
    /// What the compute queue's timestamps count.
    package var clock: DeviceClock
}

/// One Vulkan device of this machine, as it describes itself.
package struct DeviceDescription: Sendable, Equatable {
    /// Place in the order in which the loader lists devices; what `REMASTER_VULKAN_DEVICE=0` means.
    package var index: Int
    package var name: String
    package var kind: DeviceKind
    /// Driver name and version text, as the driver puts it.
    package var driver: String
    /// Vulkan version, such as `1.4.305`.
    package var apiVersion: String
    /// Size of the largest device-local heap, in bytes.
    package var memoryBytes: Int
    package var features: DeviceFeatures
    package var limits: DeviceLimits
    /// Why the product cannot use this device; empty when it can.
    package var missing: [String]

    /// Identity of the driver's compiled code: a pipeline cache made under another one is worthless.
    package var cacheIdentity: [UInt8]

    init(index: Int, facts: RemasterDeviceFacts) {
        var facts = facts
        self.index = index
        name = String(cString: remaster_vk_device_name(&facts))
        kind =
            switch facts.properties.deviceType {
            case VK_PHYSICAL_DEVICE_TYPE_CPU: .cpu
            case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: .integrated
            case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: .discrete
            case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: .virtual
            default: .other
            }
        let driverName = String(cString: remaster_vk_driver_name(&facts))
        let driverInfo = String(cString: remaster_vk_driver_info(&facts))
        driver = [driverName, driverInfo].filter { !$0.isEmpty }.joined(separator: " ")
        let version = facts.properties.apiVersion
        apiVersion = "\(remaster_vk_version_major(version)).\(remaster_vk_version_minor(version)).\(remaster_vk_version_patch(version))"
        memoryBytes = Int(clamping: remaster_vk_local_bytes(&facts))

        let raw = facts.properties.limits
        features = DeviceFeatures(
            float16: facts.float16, storage16Bit: facts.storage16, cooperativeMatrix: facts.cooperative_matrix,
            timestamps: facts.timestamp_bits > 0 && raw.timestampPeriod > 0, timelineSemaphores: facts.timeline_semaphore,
            bufferAddresses: facts.buffer_address,
            subgroupSize: Int(facts.subgroup.subgroupSize))
        limits = DeviceLimits(
            maxStorageBufferRange: Int(raw.maxStorageBufferRange), maxUniformBufferRange: Int(raw.maxUniformBufferRange),
            maxPushConstantBytes: Int(raw.maxPushConstantsSize),
            bufferOffsetAlignment: Int(max(raw.minStorageBufferOffsetAlignment, raw.minUniformBufferOffsetAlignment, 16)),
            maxWorkgroupInvocations: Int(remaster_vk_max_invocations(&facts)),
            maxWorkgroupSize: (0..<3).map { Int(remaster_vk_max_group_size(&facts, $0)) },
            maxWorkgroupCount: (0..<3).map { Int(remaster_vk_max_group_count(&facts, $0)) },
            clock: DeviceClock(validBits: Int(facts.timestamp_bits), period: Double(raw.timestampPeriod)))
        cacheIdentity = Array(UnsafeBufferPointer(start: remaster_vk_cache_identity(&facts), count: Int(VK_UUID_SIZE)))

        missing = []
        if !facts.has_required_version { missing.append("Vulkan 1.2 (has \(apiVersion))") }
        if facts.has_required_version && !facts.timeline_semaphore { missing.append("timeline semaphores") }
        if facts.has_required_version && !facts.buffer_address { missing.append("buffer device addresses") }
        if facts.has_required_version && !facts.has_compute_queue { missing.append("a compute queue") }
        if limits.maxUniformBufferRange < 65536 { missing.append("uniform buffers of 64 KiB (has \(limits.maxUniformBufferRange) bytes)") }
        if limits.maxPushConstantBytes < 128 { missing.append("128 bytes of push constants") }
    }
}
