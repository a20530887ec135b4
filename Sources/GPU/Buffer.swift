import CVulkan

/// Where a buffer's memory lies, and for whom.
package enum BufferMemory: Sendable {
    /// The device's own memory; host-visible as well where the two are one.
    case device
    /// Written by the host, read by the device. The host does not read it back: that takes a hundred times as long as writing it.
    case upload
    /// Read by the host, whoever writes it (cached where there is such memory).
    case download
}

/// A piece of device memory that kernels bind as storage or uniforms.
///
/// Freed when the last holder lets go; a `Submission` holds what it uses, so memory is never freed under the GPU.
/// Unchecked: the handles are set in `init` and only read; who writes the bytes when is the caller's to order, by
/// recording (kernels) and by waiting for submissions (the host).
package final class Buffer: @unchecked Sendable {
    /// Bytes asked for.
    package let byteCount: Int
    /// Whether `withBytes`, `read` and `write` work.
    package var isHostVisible: Bool { mapped != nil }
    /// Whether the host reads the bytes through its caches.
    package let isHostCached: Bool
    /// Name for messages.
    package let label: String

    let raw: VkBuffer
    /// Where the buffer begins, as kernels see it.
    let address: UInt64
    private let memory: VkDeviceMemory
    private let mapped: UnsafeMutableRawPointer?
    private let isCoherent: Bool
    private let allocatedBytes: Int
    private let device: DeviceHandle

    init(byteCount: Int, memory wish: BufferMemory, label: String, device: DeviceHandle) throws(GPUError) {
        guard byteCount > 0 else { throw .invalidRange(detail: "buffer '\(label)' of \(byteCount) bytes") }
        // Whole words, so that kernels and fills may treat every buffer as an array of 32-bit words.
        let (padded, overflow) = byteCount.addingReportingOverflow(15)
        guard !overflow else { throw .invalidRange(detail: "buffer '\(label)' of \(byteCount) bytes") }
        let size = VkDeviceSize(padded / 16 * 16)

        var buffer: VkBuffer?
        try check(remaster_vk_create_buffer(device.raw, size, &buffer), "vkCreateBuffer")
        let handle = try require(buffer, "vkCreateBuffer")
        var requirements = VkMemoryRequirements()
        vkGetBufferMemoryRequirements(device.raw, handle, &requirements)
        let allocation = Int(requirements.size)

        func abandon<Failure: Error>(_ error: Failure, memory: VkDeviceMemory? = nil, taken: Bool) -> Failure {
            vkDestroyBuffer(device.raw, handle, nil)
            if let memory { vkFreeMemory(device.raw, memory, nil) }
            if taken { device.budget.giveBack(allocation) }
            return error
        }

        do { try device.budget.take(allocation) } catch { throw abandon(error, taken: false) }
        let type = device.memoryTypes.index(for: wish, allowed: requirements.memoryTypeBits)
        var memory: VkDeviceMemory?
        let bound: VkDeviceMemory
        let abilities = device.memoryTypes.abilities(type)
        var pointer: UnsafeMutableRawPointer?
        do throws(GPUError) {
            try check(remaster_vk_allocate(device.raw, requirements.size, UInt32(type), &memory), "vkAllocateMemory")
            bound = try require(memory, "vkAllocateMemory")
            try check(vkBindBufferMemory(device.raw, handle, bound, 0), "vkBindBufferMemory")
            if abilities.contains(.visible) {
                try check(vkMapMemory(device.raw, bound, 0, VkDeviceSize.max, 0, &pointer), "vkMapMemory")
            }
        } catch {
            throw abandon(error, memory: memory, taken: true)
        }
        raw = handle
        address = remaster_vk_address(device.raw, handle)
        self.memory = bound
        mapped = pointer
        isCoherent = abilities.contains(.coherent)
        isHostCached = abilities.isSuperset(of: [.visible, .cached])
        allocatedBytes = allocation
        self.byteCount = byteCount
        self.label = label
        self.device = device
        device.count(.buffer, 1)
    }

    deinit {
        vkDestroyBuffer(device.raw, raw, nil)
        vkFreeMemory(device.raw, memory, nil)
        device.budget.giveBack(allocatedBytes)
        device.count(.buffer, -1)
    }

    /// The whole buffer, for binding.
    package var all: BufferSlice { BufferSlice(buffer: self, byteOffset: 0, byteCount: byteCount) }

    /// A part of the buffer, for binding.
    ///
    /// - Parameter byteOffset: a multiple of `DeviceLimits.bufferOffsetAlignment` if it is to be bound.
    package func slice(byteOffset: Int, byteCount: Int) throws(GPUError) -> BufferSlice {
        guard byteOffset >= 0, byteCount > 0, byteOffset <= self.byteCount, byteCount <= self.byteCount - byteOffset else {
            throw .invalidRange(detail: "\(byteCount) bytes at \(byteOffset) of buffer '\(label)' of \(self.byteCount) bytes")
        }
        return BufferSlice(buffer: self, byteOffset: byteOffset, byteCount: byteCount)
    }

    /// Lends the bytes to the host. No submission in flight may use them meanwhile.
    ///
    /// - Throws: `notHostVisible`, or what `body` throws.
    package func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) throws -> Result {
        guard let mapped else { throw GPUError.notHostVisible(label: label) }
        if !isCoherent { try check(remaster_vk_sync_mapped(device.raw, memory, false), "vkInvalidateMappedMemoryRanges") }
        let result = try body(UnsafeMutableRawBufferPointer(start: mapped, count: byteCount))
        if !isCoherent { try check(remaster_vk_sync_mapped(device.raw, memory, true), "vkFlushMappedMemoryRanges") }
        return result
    }

    /// Copies values into the buffer; the rest stays as it is.
    package func write<Value: BitwiseCopyable>(_ values: [Value], at byteOffset: Int = 0) throws {
        try withBytes { bytes in
            let size = values.count * MemoryLayout<Value>.stride
            guard byteOffset >= 0, byteOffset <= bytes.count, size <= bytes.count - byteOffset else {
                throw GPUError.invalidRange(detail: "\(size) bytes at \(byteOffset) of buffer '\(label)' of \(bytes.count) bytes")
            }
            values.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[byteOffset...]).copyMemory(from: $0) }
        }
    }

    /// Copies values out of the buffer.
    package func read<Value: BitwiseCopyable>(_: Value.Type, count: Int, at byteOffset: Int = 0) throws -> [Value] {
        try withBytes { bytes in
            let stride = MemoryLayout<Value>.stride
            guard count >= 0, byteOffset >= 0, byteOffset <= bytes.count, count <= (bytes.count - byteOffset) / stride else {
                throw GPUError.invalidRange(detail: "\(count) values at \(byteOffset) of buffer '\(label)' of \(bytes.count) bytes")
            }
            return [Value](unsafeUninitializedCapacity: count) { target, filled in
                UnsafeMutableRawBufferPointer(target)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[byteOffset..<(byteOffset + count * stride)]))
                filled = count
            }
        }
    }
}

/// A part of a buffer, as one binding of a kernel sees it.
package struct BufferSlice: Sendable {
    package let buffer: Buffer
    package let byteOffset: Int
    package let byteCount: Int

    /// Where the slice begins, for kernels that take addresses. Such a kernel's bounds are its caller's to keep.
    var deviceAddress: UInt64 { buffer.address + UInt64(byteOffset) }
}
