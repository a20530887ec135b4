import CVulkan

/// What the queues of one family can do.
package struct QueueFamily: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let graphics = Self(rawValue: UInt32(VK_QUEUE_GRAPHICS_BIT.rawValue))
    package static let compute = Self(rawValue: UInt32(VK_QUEUE_COMPUTE_BIT.rawValue))

    /// The family that gets the work: the first that computes and does not draw, because drivers give a queue that draws ten
    /// seconds for a submission and one that computes longer; else the first that computes; nil when none does.
    package static func forCompute(of families: [QueueFamily]) -> Int? {
        let found = remaster_vk_compute_family(families.map { VkQueueFlags($0.rawValue) }, UInt32(families.count))
        return found == UInt32.max ? nil : Int(found)
    }
}
