import CVulkan
package import Logging
import Synchronization

/// Whether Khronos' validation layer watches every call.
package enum ValidationMode: Sendable {
    case off
    /// On when the layer is installed, off otherwise. It looks for missing barriers too.
    case whenInstalled
}

/// The process's connection to the Vulkan loader.
package final class Instance: Sendable {
    /// Every device that the loader lists, usable or not, in its order.
    package let devices: [DeviceDescription]
    /// Whether the validation layer is at work.
    package var isValidating: Bool { handle.isValidating }
    /// What the validation layer has said so far.
    package var validationMessages: [String] { handle.log.messages.withLock { $0 } }

    let handle: InstanceHandle

    /// - Throws: `noDevice` when no Vulkan driver is installed.
    package init(validation: ValidationMode = .off) throws(GPUError) {
        handle = try InstanceHandle(validating: validation == .whenInstalled && remaster_vk_has_validation_layer())
        devices = try handle.physicalDevices().enumerated().map { index, physical in
            DeviceDescription(index: index, facts: InstanceHandle.facts(of: physical))
        }
    }

    /// Opens the device that is meant. The logger is spoken to at debug level, and once as a warning where compiled pipelines
    /// cannot be kept.
    package func openDevice(_ selection: DeviceSelection = .best, options: DeviceOptions = DeviceOptions()) throws(GPUError) -> Device {
        let description = try selection.pick(from: devices)
        let physical = try handle.physicalDevices()
        guard physical.indices.contains(description.index) else { throw .noDevice(reason: "\(description.name) has gone") }
        return try Device(description: description, physical: physical[description.index], instance: handle, options: options)
    }
}

/// How a device is used.
package struct DeviceOptions: Sendable {
    /// Bytes that all buffers together may take; nil: three quarters of the device's memory.
    package var memoryBudget: Int?
    /// Pieces of work that are done on the device at a time, at least 1: each has an equal share of the memory.
    package var shares: Int
    /// Says, in place of the driver, how many bytes of the device's memory it would still give this process: so that a device can
    /// be tried out as one that others use too.
    package var unclaimedMemory: (@Sendable () -> Int)?
    /// File that keeps compiled pipelines between runs; nil: none. Several processes may have the same.
    package var pipelineCache: String?
    /// Bytes that one storage binding may show, where that is less than the device's own limit: so that a small picture is worked
    /// on as a large one is.
    package var maxStorageBufferRange: Int?
    /// Floating-point operations after which a recording goes on in another submission. With the default a device of 20 GFLOP/s is
    /// done with one in 5 s, half of what Linux' driver for AMD leaves it before it resets the device.
    package var largestSubmission: Double
    /// Whether results are copied into memory of the host's even where the host reads the device's quickly: so that a device that
    /// shares memory is worked with as one that does not.
    package var copiesResults: Bool
    package var logger: Logger

    package init(
        memoryBudget: Int? = nil, shares: Int = 1, unclaimedMemory: (@Sendable () -> Int)? = nil, pipelineCache: String? = nil,
        maxStorageBufferRange: Int? = nil, largestSubmission: Double = 100e9, copiesResults: Bool = false,
        logger: Logger = Logger(label: "gpu")
    ) {
        self.memoryBudget = memoryBudget
        self.shares = shares
        self.unclaimedMemory = unclaimedMemory
        self.pipelineCache = pipelineCache
        self.maxStorageBufferRange = maxStorageBufferRange
        self.largestSubmission = largestSubmission
        self.copiesResults = copiesResults
        self.logger = logger
    }
}

/// Collects what the validation layer says.
final class ValidationLog: Sendable {
    let messages = Mutex<[String]>([])
}

/// Unique owner of the `VkInstance`; alive as long as any device opened through it.
///
/// Unchecked: the handles are set in `init`, only read afterwards, and Vulkan allows the calls made with them from any
/// thread.
final class InstanceHandle: @unchecked Sendable {
    let raw: VkInstance
    let log = ValidationLog()
    var isValidating: Bool { messenger != nil }
    private let messenger: UnsafeMutablePointer<RemasterMessenger>?
    private let debugMessenger: VkDebugUtilsMessengerEXT?

    init(validating: Bool) throws(GPUError) {
        var messenger: UnsafeMutablePointer<RemasterMessenger>?
        if validating {
            let pointer = UnsafeMutablePointer<RemasterMessenger>.allocate(capacity: 1)
            let sink: RemasterValidationSink = { context, _, text in
                guard let context, let text else { return }
                let log = Unmanaged<ValidationLog>.fromOpaque(context).takeUnretainedValue()
                log.messages.withLock { $0.append(String(cString: text)) }
            }
            pointer.initialize(to: RemasterMessenger(sink: sink, context: Unmanaged.passUnretained(log).toOpaque()))
            messenger = pointer
        }
        var instance: VkInstance?
        let result = remaster_vk_create_instance(messenger, &instance)
        guard result == VK_SUCCESS, let instance else {
            messenger?.deallocate()
            throw .noDevice(reason: "vkCreateInstance gave \(result.rawValue): is a Vulkan driver installed?")
        }
        var debugMessenger: VkDebugUtilsMessengerEXT?
        if let messenger { _ = remaster_vk_create_messenger(instance, messenger, &debugMessenger) }
        raw = instance
        self.messenger = messenger
        self.debugMessenger = debugMessenger
    }

    deinit {
        if let debugMessenger { remaster_vk_destroy_messenger(raw, debugMessenger) }
        vkDestroyInstance(raw, nil)
        messenger?.deallocate()
    }

    func physicalDevices() throws(GPUError) -> [VkPhysicalDevice] {
        var count: UInt32 = 0
        try check(vkEnumeratePhysicalDevices(raw, &count, nil), "vkEnumeratePhysicalDevices")
        var devices = [VkPhysicalDevice?](repeating: nil, count: Int(count))
        try check(vkEnumeratePhysicalDevices(raw, &count, &devices), "vkEnumeratePhysicalDevices")
        return devices.prefix(Int(count)).compactMap { $0 }
    }

    static func facts(of physical: VkPhysicalDevice) -> RemasterDeviceFacts {
        var facts = RemasterDeviceFacts()
        remaster_vk_device_facts(physical, &facts)
        return facts
    }
}
