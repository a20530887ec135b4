import CVulkan

/// The one place where a `VkResult` becomes an error. Success codes other than `VK_SUCCESS` are handed back.
@discardableResult
func check(_ result: VkResult, _ operation: StaticString) throws(GPUError) -> VkResult {
    guard result.rawValue < 0 else { return result }
    switch result {
    case VK_ERROR_DEVICE_LOST: throw .deviceLost(operation: "\(operation)")
    case VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY: throw .outOfMemory(operation: "\(operation)")
    default: throw .failed(operation: "\(operation)", code: Int32(result.rawValue))
    }
}

/// The handle that a successful call has filled in.
func require<Handle>(_ handle: Handle?, _ operation: StaticString) throws(GPUError) -> Handle {
    guard let handle else { throw .failed(operation: "\(operation)", code: 0) }
    return handle
}
