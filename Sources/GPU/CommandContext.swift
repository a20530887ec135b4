import CVulkan

/// The Vulkan objects that one recording needs: a command pool with a buffer for each of its parts, descriptor pools and timestamp
/// queries.
/// Used by one recorder at a time, kept for the next one afterwards.
///
/// Unchecked: it is owned by a recorder, then by the list of submissions in flight, then by the list of free contexts;
/// the last two are behind the device's lock.
final class CommandContext: @unchecked Sendable {
    /// Timestamps of one recording: one at its start, one at the end of each stage.
    static let queryCount = 128
    private static let setsPerPool = 256

    /// The command buffer of the part that is being recorded.
    private(set) var commands: VkCommandBuffer
    /// The parts of the recording, in order.
    var parts: ArraySlice<VkCommandBuffer> { buffers.prefix(partCount) }
    let queries: VkQueryPool?
    private let commandPool: VkCommandPool
    private var buffers: [VkCommandBuffer]
    private var partCount = 1
    private var descriptorPools: [VkDescriptorPool] = []
    private var poolInUse = 0
    private var setsLeft = 0
    private let device: DeviceHandle

    init(device: DeviceHandle, timestamps: Bool) throws(GPUError) {
        var pool: VkCommandPool?
        var buffer: VkCommandBuffer?
        var queries: VkQueryPool?
        do throws(GPUError) {
            try check(remaster_vk_create_command_pool(device.raw, device.facts.compute_family, &pool), "vkCreateCommandPool")
            try check(remaster_vk_allocate_commands(device.raw, pool, &buffer), "vkAllocateCommandBuffers")
            if timestamps {
                try check(remaster_vk_create_query_pool(device.raw, UInt32(Self.queryCount), &queries), "vkCreateQueryPool")
            }
            commandPool = try require(pool, "vkCreateCommandPool")
            let first = try require(buffer, "vkAllocateCommandBuffers")
            commands = first
            buffers = [first]
        } catch {
            if let queries { vkDestroyQueryPool(device.raw, queries, nil) }
            if let pool { vkDestroyCommandPool(device.raw, pool, nil) }
            throw error
        }
        self.queries = queries
        self.device = device
        device.count(.commandContext, 1)
    }

    deinit {
        for pool in descriptorPools { vkDestroyDescriptorPool(device.raw, pool, nil) }
        if let queries { vkDestroyQueryPool(device.raw, queries, nil) }
        vkDestroyCommandPool(device.raw, commandPool, nil)
        device.count(.commandContext, -1)
    }

    /// Makes an earlier recording's objects free again and opens the command buffer.
    func begin() throws(GPUError) {
        try check(vkResetCommandPool(device.raw, commandPool, 0), "vkResetCommandPool")
        for pool in descriptorPools { try check(vkResetDescriptorPool(device.raw, pool, 0), "vkResetDescriptorPool") }
        poolInUse = 0
        setsLeft = descriptorPools.isEmpty ? 0 : Self.setsPerPool
        commands = buffers[0]
        partCount = 1
        try check(remaster_vk_begin(commands), "vkBeginCommandBuffer")
        if let queries { vkCmdResetQueryPool(commands, queries, 0, UInt32(Self.queryCount)) }
    }

    /// Opens the command buffer of the next part; the one before has been ended.
    func beginPart() throws(GPUError) {
        if partCount == buffers.count {
            var buffer: VkCommandBuffer?
            try check(remaster_vk_allocate_commands(device.raw, commandPool, &buffer), "vkAllocateCommandBuffers")
            buffers.append(try require(buffer, "vkAllocateCommandBuffers"))
        }
        try check(remaster_vk_begin(buffers[partCount]), "vkBeginCommandBuffer")
        commands = buffers[partCount]
        partCount += 1
    }

    /// A descriptor set that points at the bindings.
    func makeSet(for pipeline: ComputePipeline, _ bindings: [BufferSlice]) throws(GPUError) -> VkDescriptorSet {
        if setsLeft == 0 { try nextPool() }
        var set: VkDescriptorSet?
        if remaster_vk_allocate_set(device.raw, descriptorPools[poolInUse], pipeline.setLayout, &set) != VK_SUCCESS {
            try nextPool()  // sets of many bindings can exhaust a pool before its count of sets does
            try check(
                remaster_vk_allocate_set(device.raw, descriptorPools[poolInUse], pipeline.setLayout, &set), "vkAllocateDescriptorSets")
        }
        setsLeft -= 1
        let handle = try require(set, "vkAllocateDescriptorSets")
        let infos = bindings.map {
            VkDescriptorBufferInfo(buffer: $0.buffer.raw, offset: VkDeviceSize($0.byteOffset), range: VkDeviceSize($0.byteCount))
        }
        remaster_vk_write_set(device.raw, handle, pipeline.descriptorTypes, infos, UInt32(infos.count))
        return handle
    }

    private func nextPool() throws(GPUError) {
        if !descriptorPools.isEmpty && poolInUse + 1 < descriptorPools.count {
            poolInUse += 1
        } else {
            var pool: VkDescriptorPool?
            let sets = UInt32(Self.setsPerPool)
            try check(remaster_vk_create_descriptor_pool(device.raw, sets, sets * 6, sets * 2, &pool), "vkCreateDescriptorPool")
            descriptorPools.append(try require(pool, "vkCreateDescriptorPool"))
            poolInUse = descriptorPools.count - 1
        }
        setsLeft = Self.setsPerPool
    }

    /// The device clock at each of the first `count` timestamps, in ticks; call once the recording has run.
    func timestamps(_ count: Int) -> [UInt64] {
        guard let queries, count > 0 else { return [] }
        var ticks = [UInt64](repeating: 0, count: count)
        let result = vkGetQueryPoolResults(
            device.raw, queries, 0, UInt32(count), count * MemoryLayout<UInt64>.stride, &ticks,
            VkDeviceSize(MemoryLayout<UInt64>.stride), VkQueryResultFlags(VK_QUERY_RESULT_64_BIT.rawValue))
        return result == VK_SUCCESS ? ticks : []
    }
}
