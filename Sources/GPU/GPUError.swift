/// What can go wrong between the product and a Vulkan device.
package enum GPUError: Error, Equatable, Sendable {
    /// A Vulkan call failed; `code` is its `VkResult`.
    case failed(operation: String, code: Int32)
    /// The driver lost the device: everything on it is gone, a new `Device` must be opened.
    case deviceLost(operation: String)
    /// Neither host nor device memory is left for `operation`.
    case outOfMemory(operation: String)
    /// No Vulkan driver, or none with a device that can compute.
    case noDevice(reason: String)
    /// The wish names no device of this machine; `available` are the names there are.
    case unknownDevice(wish: String, available: [String])
    /// The device lacks what the product needs; each entry says one thing.
    case unsuitableDevice(name: String, missing: [String])
    /// The allocation would pass the budget. All in bytes.
    case memoryBudgetExceeded(requested: Int, inUse: Int, budget: Int)
    /// A size, offset or range is impossible; `detail` names the value and what is allowed.
    case invalidRange(detail: String)
    /// The buffer's memory cannot be reached by the host.
    case notHostVisible(label: String)
    /// What is bound or pushed does not fit the kernel's own declaration.
    case interfaceMismatch(shader: String, detail: String)
    /// The kernel's SPIR-V breaks a rule that the recorder relies on.
    case malformedShader(shader: String, detail: String)
    /// The pipeline cache could not be written.
    case cacheUnwritable(path: String, errorNumber: Int32)
}
