import GPU
import Testing

/// What is chosen on devices that are not at hand.
@Suite struct DeviceRulesTests {
    @Test("work goes to queues that do not draw, where there are such, else to the first that compute")
    func families() {
        let (both, alone): (QueueFamily, QueueFamily) = ([.graphics, .compute], .compute)
        #expect(QueueFamily.forCompute(of: [both, alone, alone]) == 1)
        #expect(QueueFamily.forCompute(of: [[], both, both]) == 1)
        #expect(QueueFamily.forCompute(of: [.graphics, both, [], alone]) == 3)
        #expect(QueueFamily.forCompute(of: [.graphics]) == nil)
        #expect(QueueFamily.forCompute(of: []) == nil)
    }

    @Test("results are read where they lie only in cached memory of a device without its own")
    func readsInPlace() {
        let all: MemoryTypes.Abilities = [.local, .visible, .coherent, .cached]
        // As CPU devices and integrated ones that share the last cache have it.
        #expect(MemoryTypes([all], sharesMemory: true).readsInPlace)
        // Without that cache: combined writes, or cached and flushed by hand.
        let apart = MemoryTypes([[.local, .visible, .coherent], [.local, .visible, .cached]], sharesMemory: true)
        #expect(apart.isUnified && !apart.readsInPlace)
        #expect(apart.index(for: .device) == 0)
        #expect(apart.index(for: .upload) == 0)
        #expect(apart.index(for: .download) == 1)
        #expect(apart.index(for: .download, allowed: 0b01) == 0)
        // A card whose memory the host can map over the bus.
        let card = MemoryTypes(
            [[], .local, [.visible, .coherent], [.visible, .coherent, .cached], [.local, .visible, .coherent]], sharesMemory: false)
        #expect(!card.isUnified && !card.readsInPlace)
        #expect([BufferMemory.device, .upload, .download].map { card.index(for: $0) } == [1, 2, 3])
        #expect(card.index(for: .device, allowed: 0b1100) == 2)
    }

    @Test("a device hangs when nothing ends for five minutes, not when there is much to do")
    func stalls() {
        #expect(StallWatch.round * UInt64(StallWatch.patience) == 300 * 1_000_000_000)
        var busy = StallWatch()
        let waits = (0..<1000).map { busy.hasStalled(at: UInt64($0 / 29)) }
        #expect(!waits.contains(true))
        var hung = StallWatch()
        let rounds = (0...StallWatch.patience).map { _ in hung.hasStalled(at: 7) }
        #expect(rounds.firstIndex(of: true) == StallWatch.patience)
    }
}
