import CVulkan
import Dispatch
import Logging
import Synchronization

/// The pipelines of a device, by description, and the driver's cache behind them.
///
/// Unchecked: the cache handle is set in `init` and only read; Vulkan lets threads share a pipeline cache.
final class PipelineStore: @unchecked Sendable {
    private let made = Mutex<[PipelineDescription: ComputePipeline]>([:])
    private let cache: VkPipelineCache?
    private let file: PipelineCacheFile?
    private let device: DeviceHandle

    init(device: DeviceHandle, description: DeviceDescription, path: String?, logger: Logger) throws(GPUError) {
        file = path.map { PipelineCacheFile(path: $0, identity: description.cacheIdentity) }
        let earlier = file?.load() ?? []
        var cache: VkPipelineCache?
        // A cache that the driver does not like is no reason to fail: it starts an empty one.
        if remaster_vk_create_cache(device.raw, earlier, earlier.count, &cache) != VK_SUCCESS {
            logger.debug("pipeline cache refused by the driver", metadata: ["bytes": "\(earlier.count)"])
            try check(remaster_vk_create_cache(device.raw, nil, 0, &cache), "vkCreatePipelineCache")
        }
        self.cache = cache
        self.device = device
    }

    deinit {
        if let cache { vkDestroyPipelineCache(device.raw, cache, nil) }
    }

    func pipeline(_ description: PipelineDescription, limits: DeviceLimits) throws(GPUError) -> ComputePipeline {
        if let known = made.withLock({ $0[description] }) { return known }
        let fresh = try ComputePipeline(description, limits: limits, cache: cache, device: device)
        return made.withLock { made in
            if let other = made[description] { return other }  // another thread was faster
            made[description] = fresh
            return fresh
        }
    }

    /// Makes all of them, on as many threads as the machine has processors; the first error is thrown.
    func prepare(_ descriptions: [PipelineDescription], limits: DeviceLimits) throws(GPUError) {
        let failure = Mutex<GPUError?>(nil)
        DispatchQueue.concurrentPerform(iterations: descriptions.count) { index in
            do throws(GPUError) {
                _ = try pipeline(descriptions[index], limits: limits)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    func save() throws(GPUError) {
        guard let file, let cache else { return }
        var size = 0
        try check(vkGetPipelineCacheData(device.raw, cache, &size, nil), "vkGetPipelineCacheData")
        var data = [UInt8](repeating: 0, count: size)
        try check(vkGetPipelineCacheData(device.raw, cache, &size, &data), "vkGetPipelineCacheData")
        try file.save(Array(data.prefix(size)))
    }
}
