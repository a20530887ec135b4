import CVulkan

/// Records work for the device, then submits it. Barriers are placed from what each kernel declares to read and write.
///
/// What is much work is handed over in parts, one submission each: a driver takes a single one that runs for seconds for a hung
/// device, and resets it. The parts stand together on the queue, and nothing of the work starts before all of it is recorded.
///
/// Made by `Device.makeRecorder`; used on one thread, handed down as `inout`. Dropping it unsubmitted drops the work.
package struct CommandRecorder: ~Copyable {
    private let device: Device
    private var context: CommandContext?
    private var commands: VkCommandBuffer
    private var hazards = HazardTracker()
    /// Floating-point operations in the part that is being recorded.
    private var operations = 0.0
    private var held: [ObjectIdentifier: any AnyObject & Sendable] = [:]
    private var stages = StageMarks()

    init(device: Device, context: CommandContext) throws(GPUError) {
        self.device = device
        try context.begin()
        commands = context.commands
        self.context = context
        // Orders this recording after the writes of every earlier submission of the queue.
        remaster_vk_barrier(commands, REMASTER_BARRIER_GPU)
    }

    deinit {
        if let context { device.recycle(context) }
    }

    /// Runs a kernel over at least `invocations` invocations per axis: whole workgroups, so the kernel tests its place.
    ///
    /// - Parameters:
    ///   - slices: what the kernel reaches: first by the addresses in its push constants, which are filled in here, then binding
    ///     0, 1, …. An address reaches a slice of any length, a binding no more than `DeviceLimits.maxStorageBufferRange`.
    ///   - push: twin of the rest of the kernel's push-constant block; its size is checked.
    ///   - operations: floating-point operations of the kernel, where they are many: they decide where a part ends.
    /// - Throws: `interfaceMismatch` when slices or push constants are not what the kernel declares. After an error of the driver's
    ///   the recorder can only be dropped.
    package mutating func dispatch(
        _ pipeline: ComputePipeline, _ slices: [BufferSlice], push: some BitwiseCopyable, invocations: (Int, Int, Int),
        operations: Double = 0
    ) throws(GPUError) {
        try makeRoom(for: operations)
        try prepare(pipeline, slices, pushSize: MemoryLayout.size(ofValue: push))
        let interface = pipeline.interface
        var block = [UInt8](repeating: 0, count: interface.pushConstantSize)
        block.withUnsafeMutableBytes { bytes in
            for index in interface.addresses.indices {
                bytes.storeBytes(of: slices[index].deviceAddress, toByteOffset: index * ShaderInterface.addressSize, as: UInt64.self)
            }
            withUnsafeBytes(of: push) { UnsafeMutableRawBufferPointer(rebasing: bytes[interface.parameterOffset...]).copyMemory(from: $0) }
        }
        vkCmdPushConstants(
            commands, pipeline.layout, VkShaderStageFlags(VK_SHADER_STAGE_COMPUTE_BIT.rawValue), 0, UInt32(block.count), block)
        try launch(pipeline, invocations)
    }

    /// Copies bytes between buffers; both slices are equally long and do not overlap.
    package mutating func copy(from source: BufferSlice, to target: BufferSlice) throws(GPUError) {
        guard source.byteCount == target.byteCount else {
            throw .invalidRange(detail: "copy of \(source.byteCount) bytes to \(target.byteCount) bytes")
        }
        guard source.buffer !== target.buffer || !source.bytes.overlaps(target.bytes) else {
            throw .invalidRange(detail: "copy of \(source.bytes) over itself at \(target.bytes)")
        }
        order([source.touch(reads: true, writes: false), target.touch(reads: false, writes: true)])
        hold(source.buffer)
        hold(target.buffer)
        remaster_vk_copy(
            commands, source.buffer.raw, VkDeviceSize(source.byteOffset), target.buffer.raw, VkDeviceSize(target.byteOffset),
            VkDeviceSize(source.byteCount))
    }

    /// Writes one 32-bit word all over a slice, whose offset and length are multiples of 4.
    package mutating func fill(_ slice: BufferSlice, word: UInt32) throws(GPUError) {
        guard slice.byteOffset.isMultiple(of: 4), slice.byteCount.isMultiple(of: 4) else {
            throw .invalidRange(detail: "fill of \(slice.bytes): not whole words")
        }
        order([slice.touch(reads: false, writes: true)])
        hold(slice.buffer)
        vkCmdFillBuffer(commands, slice.buffer.raw, VkDeviceSize(slice.byteOffset), VkDeviceSize(slice.byteCount), word)
    }

    /// Counts what is recorded from here on to the stage of this name, for `Submission`'s times. A name may come again:
    /// its times are added up. After 126 changes the rest counts to the last stage.
    package mutating func stage(_ name: String) {
        guard let queries = context?.queries, let query = stages.begin(name) else { return }
        vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, UInt32(query))
    }

    /// Hands the work to the device. It runs after everything submitted before, and sees it.
    package consuming func submit() throws(GPUError) -> Submission {
        guard let context else { throw .failed(operation: "submit", code: 0) }
        if let queries = context.queries, let query = stages.end() {
            vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries, UInt32(query))
        }
        remaster_vk_barrier(commands, REMASTER_BARRIER_HOST)
        try check(vkEndCommandBuffer(commands), "vkEndCommandBuffer")
        self.context = nil
        return try device.submit(context, stages: stages, held: Array(held.values))
    }

    /// Ends the part and begins another where this much work would make it too large.
    private mutating func makeRoom(for more: Double) throws(GPUError) {
        if operations > 0, operations + more > device.largestSubmission {
            guard let context else { throw .failed(operation: "dispatch", code: 0) }
            try check(vkEndCommandBuffer(commands), "vkEndCommandBuffer")
            try context.beginPart()
            commands = context.commands
            // Orders the part after those before it.
            remaster_vk_barrier(commands, REMASTER_BARRIER_GPU)
            hazards = HazardTracker()
            operations = 0
        }
        operations += more
    }

    private mutating func prepare(
        _ pipeline: ComputePipeline, _ slices: [BufferSlice], pushSize: Int
    ) throws(GPUError) {
        guard let context else { throw .failed(operation: "dispatch", code: 0) }
        let interface = pipeline.interface
        try BindingRules.verify(pipeline, slices, pushSize: pushSize, limits: device.limits)
        order(
            zip(slices, interface.addresses + interface.bindings.map(\.access)).map { slice, access in
                slice.touch(reads: access != .write, writes: access != .read)
            })
        for slice in slices { hold(slice.buffer) }
        hold(pipeline)
        var set: VkDescriptorSet? = try context.makeSet(for: pipeline, Array(slices[interface.addresses.count...]))
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.raw)
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout, 0, 1, &set, 0, nil)
    }

    private mutating func launch(_ pipeline: ComputePipeline, _ invocations: (Int, Int, Int)) throws(GPUError) {
        let size = pipeline.description.workgroup
        let groups = [
            (invocations.0 + size.x - 1) / size.x, (invocations.1 + size.y - 1) / size.y, (invocations.2 + size.z - 1) / size.z,
        ]
        guard zip(groups, device.limits.maxWorkgroupCount).allSatisfy({ $0 >= 0 && $0 <= $1 }) else {
            throw .invalidRange(detail: "\(groups) workgroups; allowed \(device.limits.maxWorkgroupCount)")
        }
        vkCmdDispatch(commands, UInt32(groups[0]), UInt32(groups[1]), UInt32(groups[2]))
    }

    private mutating func order(_ touches: [HazardTracker.Touch]) {
        if hazards.barrierIsNeeded(before: touches) { remaster_vk_barrier(commands, REMASTER_BARRIER_GPU) }
    }

    private mutating func hold(_ object: any AnyObject & Sendable) { held[ObjectIdentifier(object)] = object }
}

/// What Vulkan and the kernels demand of slices and push constants, checked before they are recorded.
enum BindingRules {
    /// Kernels declare their addresses as multiples of this, in bytes; buffers begin at such.
    static let addressAlignment = 16

    static func verify(
        _ pipeline: ComputePipeline, _ slices: [BufferSlice], pushSize: Int, limits: DeviceLimits
    ) throws(GPUError) {
        let name = pipeline.description.shader.binaryName
        let interface = pipeline.interface
        guard pushSize == interface.parameterSize else {
            throw .interfaceMismatch(shader: name, detail: "\(pushSize) bytes of push constants; declared \(interface.parameterSize)")
        }
        let (addresses, bindings) = (interface.addresses.count, interface.bindings.count)
        guard slices.count == addresses + bindings else {
            throw .interfaceMismatch(
                shader: name, detail: "\(slices.count) slices; declared \(addresses) addresses and \(bindings) bindings")
        }
        for (index, slice) in slices.prefix(addresses).enumerated() where !slice.byteOffset.isMultiple(of: addressAlignment) {
            throw .interfaceMismatch(
                shader: name, detail: "address \(index) at offset \(slice.byteOffset); allowed multiples of \(addressAlignment)")
        }
        for (index, slice) in slices.dropFirst(addresses).enumerated() {
            let most = interface.bindings[index].isUniform ? limits.maxUniformBufferRange : limits.maxStorageBufferRange
            guard slice.byteOffset.isMultiple(of: limits.bufferOffsetAlignment) else {
                throw .interfaceMismatch(
                    shader: name,
                    detail: "binding \(index) at offset \(slice.byteOffset); allowed multiples of \(limits.bufferOffsetAlignment)")
            }
            guard slice.byteCount <= most else {
                throw .interfaceMismatch(shader: name, detail: "binding \(index) of \(slice.byteCount) bytes; allowed \(most)")
            }
        }
    }
}

extension BufferSlice {
    /// Bytes of the buffer that the slice covers.
    var bytes: Range<Int> { byteOffset..<(byteOffset + byteCount) }

    func touch(reads: Bool, writes: Bool) -> HazardTracker.Touch {
        HazardTracker.Touch(buffer: ObjectIdentifier(buffer), bytes: bytes, reads: reads, writes: writes)
    }
}
