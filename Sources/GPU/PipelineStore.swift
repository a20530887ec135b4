import CVulkan
import Dispatch
import Logging
import Synchronization

/// The pipelines of a device, by description, and the driver's cache behind them.
///
/// Unchecked: the cache handle is set in `init` and only read; Vulkan lets threads share a pipeline cache.
final class PipelineStore: @unchecked Sendable {
    /// Bytes that the file held when the store was opened.
    let loadedBytes: Int
    private let state = Mutex(State())
    private let cache: VkPipelineCache?
    private let file: PipelineCacheFile?
    private let device: DeviceHandle
    private let logger: Logger

    private struct State {
        var made: [PipelineDescription: ComputePipeline] = [:]
        /// Whether some were made since the last time they were saved.
        var hasNew = false
        var hasComplained = false
    }

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
        self.logger = logger
        loadedBytes = earlier.count
    }

    deinit {
        if let cache { vkDestroyPipelineCache(device.raw, cache, nil) }
    }

    func pipeline(_ description: PipelineDescription, limits: DeviceLimits) throws(GPUError) -> ComputePipeline {
        if let known = state.withLock({ $0.made[description] }) { return known }
        let fresh = try ComputePipeline(description, limits: limits, cache: cache, device: device)
        return state.withLock { state in
            if let other = state.made[description] { return other }  // another thread was faster
            state.made[description] = fresh
            state.hasNew = true
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

    /// Saves what was made since the last time. A file that cannot be written costs time at the next start and nothing else: it is
    /// logged, once.
    func saveNew() {
        let isDue = state.withLock { state in
            defer { state.hasNew = false }
            return state.hasNew
        }
        guard isDue else { return }
        do throws(GPUError) { try save() } catch {
            let isFirst = state.withLock { state in
                defer { state.hasComplained = true }
                return !state.hasComplained
            }
            if isFirst { logger.warning("compiled pipelines cannot be kept", metadata: ["error": "\(error)"]) }
        }
    }

    /// Writes what is new to the file, beside what this and other processes have put there.
    func save() throws(GPUError) {
        guard let file, let cache else { return }
        let known = file.load()
        // Of its own, because nobody else may use a cache that others are merged into.
        var merged: VkPipelineCache?
        if remaster_vk_create_cache(device.raw, known, known.count, &merged) != VK_SUCCESS {
            try check(remaster_vk_create_cache(device.raw, nil, 0, &merged), "vkCreatePipelineCache")
        }
        defer { vkDestroyPipelineCache(device.raw, merged, nil) }
        try check(remaster_vk_merge_cache(device.raw, merged, cache), "vkMergePipelineCaches")
        var size = 0
        try check(vkGetPipelineCacheData(device.raw, merged, &size, nil), "vkGetPipelineCacheData")
        var data = [UInt8](repeating: 0, count: size)
        try check(vkGetPipelineCacheData(device.raw, merged, &size, &data), "vkGetPipelineCacheData")
        // As many bytes as there are: nothing has come to them.
        guard size != known.count else { return }
        try file.save(Array(data.prefix(size)))
    }
}
