// Command buffers, descriptor sets and what is recorded into them.
#pragma once
#include <stdint.h>
#include <vulkan/vulkan.h>

static inline VkResult remaster_vk_create_command_pool(VkDevice device, uint32_t family, VkCommandPool *pool) {
    VkCommandPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .queueFamilyIndex = family};
    return vkCreateCommandPool(device, &info, NULL, pool);
}

static inline VkResult remaster_vk_allocate_commands(VkDevice device, VkCommandPool pool, VkCommandBuffer *commands) {
    VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = pool,
        .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
        .commandBufferCount = 1};
    return vkAllocateCommandBuffers(device, &info, commands);
}

static inline VkResult remaster_vk_begin(VkCommandBuffer commands) {
    VkCommandBufferBeginInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT};
    return vkBeginCommandBuffer(commands, &info);
}

static inline VkResult remaster_vk_create_query_pool(VkDevice device, uint32_t count, VkQueryPool *pool) {
    VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, .queryType = VK_QUERY_TYPE_TIMESTAMP, .queryCount = count};
    return vkCreateQueryPool(device, &info, NULL, pool);
}

static inline VkResult remaster_vk_create_descriptor_pool(VkDevice device, uint32_t sets, uint32_t storage, uint32_t uniform,
                                                          VkDescriptorPool *pool) {
    VkDescriptorPoolSize sizes[2] = {{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, storage}, {VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, uniform}};
    VkDescriptorPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, .maxSets = sets, .poolSizeCount = 2, .pPoolSizes = sizes};
    return vkCreateDescriptorPool(device, &info, NULL, pool);
}

static inline VkResult remaster_vk_allocate_set(VkDevice device, VkDescriptorPool pool, VkDescriptorSetLayout layout,
                                                VkDescriptorSet *set) {
    VkDescriptorSetAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
        .descriptorPool = pool,
        .descriptorSetCount = 1,
        .pSetLayouts = &layout};
    return vkAllocateDescriptorSets(device, &info, set);
}

/// Points binding i of the set at `infos[i]`, at most 32 of them.
static inline void remaster_vk_write_set(VkDevice device, VkDescriptorSet set, const VkDescriptorType *types,
                                         const VkDescriptorBufferInfo *infos, uint32_t count) {
    VkWriteDescriptorSet writes[32];
    for (uint32_t i = 0; i < count && i < 32; i++)
        writes[i] = (VkWriteDescriptorSet){
            .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
            .dstSet = set,
            .dstBinding = i,
            .descriptorCount = 1,
            .descriptorType = types[i],
            .pBufferInfo = &infos[i]};
    vkUpdateDescriptorSets(device, count, writes, 0, NULL);
}

/// What a barrier orders: earlier GPU work before later GPU work, or before reads by the host.
enum RemasterBarrier { REMASTER_BARRIER_GPU, REMASTER_BARRIER_HOST };

static inline void remaster_vk_barrier(VkCommandBuffer commands, enum RemasterBarrier kind) {
    VkPipelineStageFlags work = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    VkMemoryBarrier barrier = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = kind == REMASTER_BARRIER_HOST ? VK_ACCESS_HOST_READ_BIT
                                                       : VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_UNIFORM_READ_BIT |
                                                             VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT};
    VkPipelineStageFlags after = kind == REMASTER_BARRIER_HOST ? VK_PIPELINE_STAGE_HOST_BIT : work;
    vkCmdPipelineBarrier(commands, work, after, 0, 1, &barrier, 0, NULL, 0, NULL);
}

static inline void remaster_vk_copy(VkCommandBuffer commands, VkBuffer source, VkDeviceSize source_offset, VkBuffer target,
                                    VkDeviceSize target_offset, VkDeviceSize size) {
    VkBufferCopy region = {.srcOffset = source_offset, .dstOffset = target_offset, .size = size};
    vkCmdCopyBuffer(commands, source, target, 1, &region);
}
