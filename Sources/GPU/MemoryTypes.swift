import CVulkan

/// The kinds of memory that a device has, and which of them serves a wish best.
package struct MemoryTypes: Sendable {
    /// What can be done with a kind of memory.
    package struct Abilities: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The device's own.
        package static let local = Self(rawValue: UInt32(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue))
        /// The host can map it.
        package static let visible = Self(rawValue: UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue))
        /// What either side writes the other sees, without flushing.
        package static let coherent = Self(rawValue: UInt32(VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue))
        /// The host's caches hold it. Without, writes are combined, and reads take a hundred times as long.
        package static let cached = Self(rawValue: UInt32(VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue))
    }

    /// Whether device-local memory is host-visible and the device is no discrete card: then one buffer serves both sides.
    package let isUnified: Bool
    private let types: [Abilities]

    /// - Parameters:
    ///   - types: in the device's order.
    ///   - sharesMemory: whether the device has no memory of its own: a CPU, or integrated with one.
    package init(_ types: [Abilities], sharesMemory: Bool) {
        self.types = types
        isUnified = sharesMemory && types.contains { $0.isSuperset(of: [.local, .visible, .coherent]) }
    }

    init(_ facts: RemasterDeviceFacts) {
        var facts = facts
        let types = (0..<facts.memory.memoryTypeCount).map { Abilities(rawValue: UInt32(remaster_vk_memory_flags(&facts, $0))) }
        let kind = facts.properties.deviceType
        self.init(types, sharesMemory: kind == VK_PHYSICAL_DEVICE_TYPE_CPU || kind == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU)
    }

    /// Whether the host reads quickly what lies in `BufferMemory.device`: not where that is unified and uncached, as on integrated
    /// devices that do not share the processor's last cache.
    package var readsInPlace: Bool { isUnified && types.contains { $0.isSuperset(of: [.local, .visible, .coherent, .cached]) } }

    /// First memory type that has what the wish is best served by, then with less.
    ///
    /// - Parameter allowed: bit i: type i may be taken; at least one may.
    package func index(for wish: BufferMemory, allowed: UInt32 = .max) -> Int {
        for wanted in wishes(for: wish) {
            for (index, abilities) in types.enumerated() where allowed & 1 << UInt32(index) != 0 && abilities.isSuperset(of: wanted) {
                return index
            }
        }
        return allowed.trailingZeroBitCount
    }

    /// What a memory type can do.
    package func abilities(_ index: Int) -> Abilities { types.indices.contains(index) ? types[index] : [] }

    private func wishes(for wish: BufferMemory) -> [Abilities] {
        switch wish {
        case .device where isUnified: [[.local, .visible, .coherent, .cached], [.local, .visible, .coherent], .local]
        case .device: [.local]
        case .upload: [[.visible, .coherent], .visible]
        case .download: [[.visible, .coherent, .cached], [.visible, .cached], [.visible, .coherent], .visible]
        }
    }
}
