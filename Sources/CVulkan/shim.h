// Vulkan 1.2 for Swift: what Swift cannot import (macros, fixed arrays) or would drown in (chains of structs).
// Every function fills the structs of one call and returns that call's result; ownership stays with the caller.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <vulkan/vulkan.h>

/// Oldest Vulkan version that the product runs on: timeline semaphores and 16-bit types are core from 1.2.
static inline uint32_t remaster_vk_required_version(void) { return VK_API_VERSION_1_2; }
static inline uint32_t remaster_vk_version_major(uint32_t version) { return VK_API_VERSION_MAJOR(version); }
static inline uint32_t remaster_vk_version_minor(uint32_t version) { return VK_API_VERSION_MINOR(version); }
static inline uint32_t remaster_vk_version_patch(uint32_t version) { return VK_API_VERSION_PATCH(version); }

// Instance

/// Receives one message of the validation layer.
typedef void (*RemasterValidationSink)(void *context, int is_error, const char *text);

struct RemasterMessenger {
    RemasterValidationSink sink;
    void *context;
};

static inline VKAPI_ATTR VkBool32 VKAPI_CALL remaster_vk_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                                 VkDebugUtilsMessageTypeFlagsEXT types,
                                                                 const VkDebugUtilsMessengerCallbackDataEXT *data, void *user) {
    (void)types;
    const struct RemasterMessenger *messenger = (const struct RemasterMessenger *)user;
    messenger->sink(messenger->context, (severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT) != 0, data->pMessage);
    return VK_FALSE;
}

static inline bool remaster_vk_has_validation_layer(void) {
    VkLayerProperties layers[128];
    uint32_t count = 128;
    if (vkEnumerateInstanceLayerProperties(&count, layers) < 0) return false;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(layers[i].layerName, "VK_LAYER_KHRONOS_validation") == 0) return true;
    return false;
}

/// `messenger` null: no validation; else it must outlive the instance. Validation looks for missing barriers too.
static inline VkResult remaster_vk_create_instance(const struct RemasterMessenger *messenger, VkInstance *instance) {
    const char *layer = "VK_LAYER_KHRONOS_validation";
    const char *extensions[2] = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME};
    VkValidationFeatureEnableEXT enabled = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .pApplicationName = "remaster", .apiVersion = VK_API_VERSION_1_2};
    VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
    VkDebugUtilsMessengerCreateInfoEXT debug = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
        .pfnUserCallback = remaster_vk_message,
        .pUserData = (void *)(uintptr_t)messenger};
    VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = &debug,
        .enabledValidationFeatureCount = 1,
        .pEnabledValidationFeatures = &enabled};
    if (messenger) {
        info.enabledLayerCount = 1;
        info.ppEnabledLayerNames = &layer;
        info.enabledExtensionCount = 2;
        info.ppEnabledExtensionNames = extensions;
        info.pNext = &features;
    }
    return vkCreateInstance(&info, NULL, instance);
}

/// The messenger for what happens between creation and destruction of the instance, which a chained one covers.
static inline VkResult remaster_vk_create_messenger(VkInstance instance, const struct RemasterMessenger *messenger,
                                                    VkDebugUtilsMessengerEXT *handle) {
    PFN_vkCreateDebugUtilsMessengerEXT create =
        (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(instance, "vkCreateDebugUtilsMessengerEXT");
    if (!create) return VK_ERROR_EXTENSION_NOT_PRESENT;
    VkDebugUtilsMessengerCreateInfoEXT debug = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT,
        .pfnUserCallback = remaster_vk_message,
        .pUserData = (void *)(uintptr_t)messenger};
    return create(instance, &debug, NULL, handle);
}

static inline void remaster_vk_destroy_messenger(VkInstance instance, VkDebugUtilsMessengerEXT handle) {
    PFN_vkDestroyDebugUtilsMessengerEXT destroy =
        (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(instance, "vkDestroyDebugUtilsMessengerEXT");
    if (destroy) destroy(instance, handle, NULL);
}

// Physical devices

/// What the product needs to know of a device, gathered in one call.
struct RemasterDeviceFacts {
    VkPhysicalDeviceProperties properties;
    VkPhysicalDeviceDriverProperties driver;
    VkPhysicalDeviceSubgroupProperties subgroup;
    VkPhysicalDeviceMemoryProperties memory;
    bool has_required_version;
    bool float16;
    bool storage16;
    bool timeline_semaphore;
    bool buffer_address;
    bool cooperative_matrix;
    bool memory_budget;
    bool has_compute_queue;
    uint32_t compute_family;
    uint32_t timestamp_bits;
};

/// Where the work goes: the first family that computes and does not draw, whose work no driver's watchdog takes for a hung screen;
/// else the first that computes. UINT32_MAX when none does.
static inline uint32_t remaster_vk_compute_family(const VkQueueFlags *families, uint32_t count) {
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (!(families[i] & VK_QUEUE_COMPUTE_BIT)) continue;
        if (!(families[i] & VK_QUEUE_GRAPHICS_BIT)) return i;
        if (found == UINT32_MAX) found = i;
    }
    return found;
}

static inline void remaster_vk_device_facts(VkPhysicalDevice device, struct RemasterDeviceFacts *facts) {
    memset(facts, 0, sizeof *facts);
    vkGetPhysicalDeviceProperties(device, &facts->properties);
    vkGetPhysicalDeviceMemoryProperties(device, &facts->memory);
    facts->has_required_version = facts->properties.apiVersion >= VK_API_VERSION_1_2;
    if (!facts->has_required_version) return;

    facts->driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
    facts->subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
    facts->driver.pNext = &facts->subgroup;
    VkPhysicalDeviceProperties2 properties = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &facts->driver};
    vkGetPhysicalDeviceProperties2(device, &properties);
    facts->driver.pNext = NULL;
    facts->subgroup.pNext = NULL;

    VkPhysicalDeviceVulkan11Features features11 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
    VkPhysicalDeviceVulkan12Features features12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &features11};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &features12};
    vkGetPhysicalDeviceFeatures2(device, &features);
    facts->float16 = features12.shaderFloat16;
    facts->storage16 = features11.storageBuffer16BitAccess && features11.uniformAndStorageBuffer16BitAccess;
    facts->timeline_semaphore = features12.timelineSemaphore;
    facts->buffer_address = features12.bufferDeviceAddress;

    VkExtensionProperties extensions[512];
    uint32_t count = 512;
    if (vkEnumerateDeviceExtensionProperties(device, NULL, &count, extensions) >= 0)
        for (uint32_t i = 0; i < count; i++) {
            if (strcmp(extensions[i].extensionName, "VK_KHR_cooperative_matrix") == 0) facts->cooperative_matrix = true;
            if (strcmp(extensions[i].extensionName, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME) == 0) facts->memory_budget = true;
        }

    VkQueueFamilyProperties families[64];
    count = 64;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families);
    VkQueueFlags abilities[64];
    for (uint32_t i = 0; i < count; i++) abilities[i] = families[i].queueFlags;
    uint32_t family = remaster_vk_compute_family(abilities, count);
    if (family == UINT32_MAX) return;
    facts->has_compute_queue = true;
    facts->compute_family = family;
    facts->timestamp_bits = families[family].timestampValidBits;
}

static inline const char *remaster_vk_device_name(const struct RemasterDeviceFacts *facts) { return facts->properties.deviceName; }
static inline const char *remaster_vk_driver_name(const struct RemasterDeviceFacts *facts) { return facts->driver.driverName; }
static inline const char *remaster_vk_driver_info(const struct RemasterDeviceFacts *facts) { return facts->driver.driverInfo; }
static inline const uint8_t *remaster_vk_cache_identity(const struct RemasterDeviceFacts *facts) {
    return facts->properties.pipelineCacheUUID;
}
static inline uint32_t remaster_vk_max_invocations(const struct RemasterDeviceFacts *facts) {
    return facts->properties.limits.maxComputeWorkGroupInvocations;
}
static inline uint32_t remaster_vk_max_group_size(const struct RemasterDeviceFacts *facts, uint32_t axis) {
    return axis < 3 ? facts->properties.limits.maxComputeWorkGroupSize[axis] : 0;
}
static inline uint32_t remaster_vk_max_group_count(const struct RemasterDeviceFacts *facts, uint32_t axis) {
    return axis < 3 ? facts->properties.limits.maxComputeWorkGroupCount[axis] : 0;
}
/// Size of the largest device-local heap, in bytes.
static inline uint64_t remaster_vk_local_bytes(const struct RemasterDeviceFacts *facts) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < facts->memory.memoryHeapCount; i++)
        if ((facts->memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) && facts->memory.memoryHeaps[i].size > bytes)
            bytes = facts->memory.memoryHeaps[i].size;
    return bytes;
}
/// Bytes of that heap that the driver would still give this process, in view of the others; UINT64_MAX where it does not say.
/// VK_EXT_memory_budget is asked of the physical device, so that no device needs to enable it.
static inline uint64_t remaster_vk_unclaimed_bytes(VkPhysicalDevice device, const struct RemasterDeviceFacts *facts) {
    if (!facts->memory_budget) return UINT64_MAX;
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
    VkPhysicalDeviceMemoryProperties2 memory = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, .pNext = &budget};
    vkGetPhysicalDeviceMemoryProperties2(device, &memory);
    uint64_t largest = remaster_vk_local_bytes(facts);
    for (uint32_t i = 0; i < facts->memory.memoryHeapCount; i++)
        if ((facts->memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) && facts->memory.memoryHeaps[i].size == largest)
            return budget.heapBudget[i] > budget.heapUsage[i] ? budget.heapBudget[i] - budget.heapUsage[i] : 0;
    return UINT64_MAX;
}
static inline VkMemoryPropertyFlags remaster_vk_memory_flags(const struct RemasterDeviceFacts *facts, uint32_t type) {
    return type < facts->memory.memoryTypeCount ? facts->memory.memoryTypes[type].propertyFlags : 0;
}

// Device and its objects

static inline VkResult remaster_vk_create_device(VkPhysicalDevice physical, const struct RemasterDeviceFacts *facts, VkDevice *device) {
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
        .queueFamilyIndex = facts->compute_family,
        .queueCount = 1,
        .pQueuePriorities = &priority};
    VkPhysicalDeviceVulkan11Features features11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
        .storageBuffer16BitAccess = facts->storage16,
        .uniformAndStorageBuffer16BitAccess = facts->storage16};
    VkPhysicalDeviceVulkan12Features features12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .pNext = &features11,
        .shaderFloat16 = facts->float16,
        .timelineSemaphore = VK_TRUE,
        .bufferDeviceAddress = VK_TRUE};
    VkDeviceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features12, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue};
    return vkCreateDevice(physical, &info, NULL, device);
}

static inline VkResult remaster_vk_create_buffer(VkDevice device, VkDeviceSize size, VkBuffer *buffer) {
    VkBufferCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
        .size = size,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
        .sharingMode = VK_SHARING_MODE_EXCLUSIVE};
    return vkCreateBuffer(device, &info, NULL, buffer);
}

static inline VkResult remaster_vk_allocate(VkDevice device, VkDeviceSize size, uint32_t type, VkDeviceMemory *memory) {
    VkMemoryAllocateFlagsInfo flags = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT};
    VkMemoryAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &flags, .allocationSize = size, .memoryTypeIndex = type};
    return vkAllocateMemory(device, &info, NULL, memory);
}

static inline uint64_t remaster_vk_address(VkDevice device, VkBuffer buffer) {
    VkBufferDeviceAddressInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, .buffer = buffer};
    return vkGetBufferDeviceAddress(device, &info);
}

static inline VkResult remaster_vk_sync_mapped(VkDevice device, VkDeviceMemory memory, bool to_device) {
    VkMappedMemoryRange range = {.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, .memory = memory, .size = VK_WHOLE_SIZE};
    return to_device ? vkFlushMappedMemoryRanges(device, 1, &range) : vkInvalidateMappedMemoryRanges(device, 1, &range);
}

static inline VkResult remaster_vk_create_timeline(VkDevice device, VkSemaphore *semaphore) {
    VkSemaphoreTypeCreateInfo type = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
    VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
    return vkCreateSemaphore(device, &info, NULL, semaphore);
}

/// Waits until the timeline has reached `value`, at most `nanoseconds`.
static inline VkResult remaster_vk_wait(VkDevice device, VkSemaphore semaphore, uint64_t value, uint64_t nanoseconds) {
    VkSemaphoreWaitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, .semaphoreCount = 1, .pSemaphores = &semaphore, .pValues = &value};
    return vkWaitSemaphores(device, &info, nanoseconds);
}

static inline VkResult remaster_vk_submit(VkQueue queue, VkCommandBuffer commands, VkSemaphore timeline, uint64_t value) {
    VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO, .signalSemaphoreValueCount = 1, .pSignalSemaphoreValues = &value};
    VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .commandBufferCount = 1,
        .pCommandBuffers = &commands,
        .signalSemaphoreCount = 1,
        .pSignalSemaphores = &timeline};
    return vkQueueSubmit(queue, 1, &info, VK_NULL_HANDLE);
}

static inline VkResult remaster_vk_create_shader(VkDevice device, const void *code, size_t size, VkShaderModule *module) {
    VkShaderModuleCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = size, .pCode = (const uint32_t *)code};
    return vkCreateShaderModule(device, &info, NULL, module);
}

/// `types[i]` is the kind of binding i, at most 32 of them.
static inline VkResult remaster_vk_create_set_layout(VkDevice device, const VkDescriptorType *types, uint32_t count,
                                                     VkDescriptorSetLayout *layout) {
    VkDescriptorSetLayoutBinding bindings[32];
    if (count > 32) return VK_ERROR_TOO_MANY_OBJECTS;
    for (uint32_t i = 0; i < count; i++)
        bindings[i] = (VkDescriptorSetLayoutBinding){
            .binding = i, .descriptorType = types[i], .descriptorCount = 1, .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
    VkDescriptorSetLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = count, .pBindings = bindings};
    return vkCreateDescriptorSetLayout(device, &info, NULL, layout);
}

static inline VkResult remaster_vk_create_pipeline_layout(VkDevice device, VkDescriptorSetLayout set, uint32_t push_size,
                                                          VkPipelineLayout *layout) {
    VkPushConstantRange range = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = push_size};
    VkPipelineLayoutCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
        .setLayoutCount = 1,
        .pSetLayouts = &set,
        .pushConstantRangeCount = push_size > 0,
        .pPushConstantRanges = &range};
    return vkCreatePipelineLayout(device, &info, NULL, layout);
}

/// `ids[i]` is given the 32-bit word `words[i]`, at most 64 of them.
static inline VkResult remaster_vk_create_pipeline(VkDevice device, VkPipelineCache cache, VkShaderModule module, VkPipelineLayout layout,
                                                   const uint32_t *ids, const uint32_t *words, uint32_t count, VkPipeline *pipeline) {
    VkSpecializationMapEntry entries[64];
    if (count > 64) return VK_ERROR_TOO_MANY_OBJECTS;
    for (uint32_t i = 0; i < count; i++) entries[i] = (VkSpecializationMapEntry){.constantID = ids[i], .offset = 4 * i, .size = 4};
    VkSpecializationInfo constants = {.mapEntryCount = count, .pMapEntries = entries, .dataSize = 4 * (size_t)count, .pData = words};
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main",
                  .pSpecializationInfo = &constants},
        .layout = layout};
    return vkCreateComputePipelines(device, cache, 1, &info, NULL, pipeline);
}

/// Adds what `source` holds to `target`, which nobody else may use meanwhile.
static inline VkResult remaster_vk_merge_cache(VkDevice device, VkPipelineCache target, VkPipelineCache source) {
    return vkMergePipelineCaches(device, target, 1, &source);
}

static inline VkResult remaster_vk_create_cache(VkDevice device, const void *data, size_t size, VkPipelineCache *cache) {
    VkPipelineCacheCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO, .initialDataSize = size, .pInitialData = data};
    return vkCreatePipelineCache(device, &info, NULL, cache);
}
