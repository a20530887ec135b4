/// Which values share a buffer: a value's slot is free again after its last use.
struct SlotPlan: Equatable {
    /// Slot of each value, by name; row sums of a pooling layer are the value "NAME rows".
    let slots: [String: Int]
    /// Bytes of each slot.
    let slotBytes: [Int]

    var totalBytes: Int { slotBytes.reduce(0, +) }

    /// Name of the sums of rows that a pooling layer makes on its way.
    static func rowSums(of output: String) -> String { "\(output) rows" }

    /// - Parameter byteCounts: bytes of every value of the graph.
    init(graph: NetworkGraph, byteCounts: [String: Int]) {
        // The place in the order of layers after which nobody reads a value: outputs are read after the last.
        var lastUse: [String: Int] = [:]
        for (index, layer) in graph.layers.enumerated() {
            for name in layer.inputs { lastUse[name] = index }
        }
        for name in graph.outputs { lastUse[name] = graph.layers.count }

        var slots: [String: Int] = [:]
        var bytes: [Int] = []
        var free: Set<Int> = []

        func occupy(_ name: String) {
            let needed = byteCounts[name, default: 0]
            // The smallest free slot that is large enough; else the largest one grows; else a new one.
            let fitting = free.filter { bytes[$0] >= needed }.min { (bytes[$0], $0) < (bytes[$1], $1) }
            if let slot = fitting ?? free.max(by: { (bytes[$0], $1) < (bytes[$1], $0) }) {
                free.remove(slot)
                bytes[slot] = max(bytes[slot], needed)
                slots[name] = slot
            } else {
                bytes.append(needed)
                slots[name] = bytes.count - 1
            }
        }
        func release(_ name: String) { if let slot = slots[name] { free.insert(slot) } }

        for input in graph.inputs { occupy(input.name) }
        for (index, layer) in graph.layers.enumerated() {
            if layer.operation == .globalAveragePool { occupy(Self.rowSums(of: layer.output)) }
            occupy(layer.output)
            if layer.operation == .globalAveragePool { release(Self.rowSums(of: layer.output)) }
            for name in Set(layer.inputs) where lastUse[name] == index { release(name) }
            if lastUse[layer.output] == nil { release(layer.output) }
        }
        self.slots = slots
        slotBytes = bytes
    }
}
