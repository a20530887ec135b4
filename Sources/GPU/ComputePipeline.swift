import CVulkan

/// A kernel, compiled for one device with its constants set.
///
/// Unchecked: the handles are set in `init` and only read afterwards.
package final class ComputePipeline: @unchecked Sendable {
    package let description: PipelineDescription
    package let interface: ShaderInterface

    let raw: VkPipeline
    let layout: VkPipelineLayout
    let setLayout: VkDescriptorSetLayout
    let descriptorTypes: [VkDescriptorType]
    private let device: DeviceHandle

    init(_ description: PipelineDescription, limits: DeviceLimits, cache: VkPipelineCache?, device: DeviceHandle) throws(GPUError) {
        let shader = description.shader
        let interface = try ShaderInterface(shader)
        try ComputePipeline.verify(description, interface: interface, limits: limits)
        let types = interface.bindings.map { $0.isUniform ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER }

        var module: VkShaderModule?
        var setLayout: VkDescriptorSetLayout?
        var layout: VkPipelineLayout?
        var pipeline: VkPipeline?
        defer { if let module { vkDestroyShaderModule(device.raw, module, nil) } }
        do throws(GPUError) {
            let code = shader.code
            try check(remaster_vk_create_shader(device.raw, code.baseAddress, code.count * 4, &module), "vkCreateShaderModule")
            try check(
                remaster_vk_create_set_layout(device.raw, types, UInt32(types.count), &setLayout), "vkCreateDescriptorSetLayout")
            let pushSize = UInt32(interface.pushConstantSize)
            try check(remaster_vk_create_pipeline_layout(device.raw, setLayout, pushSize, &layout), "vkCreatePipelineLayout")
            var constants = description.constants
            constants[0] = .uint(UInt32(description.workgroup.x))
            constants[1] = .uint(UInt32(description.workgroup.y))
            constants[2] = .uint(UInt32(description.workgroup.z))
            let sorted = constants.filter { interface.specializationIDs.contains($0.key) }.sorted { $0.key < $1.key }
            try check(
                remaster_vk_create_pipeline(
                    device.raw, cache, module, layout, sorted.map(\.key), sorted.map(\.value.word), UInt32(sorted.count), &pipeline),
                "vkCreateComputePipelines")
            raw = try require(pipeline, "vkCreateComputePipelines")
            self.layout = try require(layout, "vkCreatePipelineLayout")
            self.setLayout = try require(setLayout, "vkCreateDescriptorSetLayout")
        } catch {
            if let pipeline { vkDestroyPipeline(device.raw, pipeline, nil) }
            if let layout { vkDestroyPipelineLayout(device.raw, layout, nil) }
            if let setLayout { vkDestroyDescriptorSetLayout(device.raw, setLayout, nil) }
            throw error
        }
        self.description = description
        self.interface = interface
        self.device = device
        descriptorTypes = types
        device.count(.pipeline, 1)
    }

    deinit {
        vkDestroyPipeline(device.raw, raw, nil)
        vkDestroyPipelineLayout(device.raw, layout, nil)
        vkDestroyDescriptorSetLayout(device.raw, setLayout, nil)
        device.count(.pipeline, -1)
    }

    private static func verify(
        _ description: PipelineDescription, interface: ShaderInterface, limits: DeviceLimits
    ) throws(GPUError) {
        let name = description.shader.binaryName
        let sizes = [description.workgroup.x, description.workgroup.y, description.workgroup.z]
        let fits = zip(sizes, limits.maxWorkgroupSize).allSatisfy { $0 >= 1 && $0 <= $1 }
        guard fits, sizes.reduce(1, *) <= limits.maxWorkgroupInvocations else {
            throw .interfaceMismatch(
                shader: name,
                detail: "workgroup \(sizes); allowed \(limits.maxWorkgroupSize), together \(limits.maxWorkgroupInvocations)")
        }
        for id in description.constants.keys.sorted() where id < 3 || !interface.specializationIDs.contains(id) {
            throw .interfaceMismatch(shader: name, detail: "no specialization constant \(id)")
        }
        guard interface.pushConstantSize <= limits.maxPushConstantBytes else {
            throw .interfaceMismatch(
                shader: name, detail: "\(interface.pushConstantSize) bytes of push constants; allowed \(limits.maxPushConstantBytes)")
        }
        guard interface.bindings.count <= 32 else {
            throw .interfaceMismatch(shader: name, detail: "\(interface.bindings.count) bindings; allowed 32")
        }
    }
}
