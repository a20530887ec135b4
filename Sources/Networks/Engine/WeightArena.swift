import GPU

/// All numbers of a network in one buffer: each layer binds its part.
struct WeightArena {
    /// What a uniform binding of `net_convolve` shows, and the device must allow.
    static let uniformBytes = 65536
    /// Parts start where any device lets them be bound.
    private static let alignment = 256

    /// 32-bit words: floats, or pairs of 16-bit ones.
    private(set) var words: [UInt32] = []

    /// A part of the arena, in bytes.
    struct Part: Sendable {
        let byteOffset: Int
        let byteCount: Int
    }

    /// Adds numbers and says where they are.
    mutating func append(_ numbers: [Float]) -> Part { append(words: numbers.map(\.bitPattern)) }

    /// Adds words and says where they are.
    mutating func append(words added: [UInt32]) -> Part {
        let part = Part(byteOffset: words.count * 4, byteCount: max(1, added.count) * 4)
        words += added.isEmpty ? [0] : added
        let perBlock = Self.alignment / 4
        words += [UInt32](repeating: 0, count: (perBlock - words.count % perBlock) % perBlock)
        return part
    }

    /// Puts the numbers on the device, with room behind them for the last uniform binding.
    func upload(to device: Device) throws -> Buffer {
        let byteCount = words.count * 4 + Self.uniformBytes
        let target = try device.makeBuffer(byteCount: byteCount, memory: .device, label: "network weights")
        if target.isHostVisible {
            try target.write(words)
            return target
        }
        let staging = try device.makeBuffer(byteCount: byteCount, memory: .upload, label: "network weights, staged")
        try staging.write(words)
        var recorder = try device.makeRecorder()
        try recorder.copy(from: staging.all, to: target.all)
        try recorder.submit().waitBlocking()
        return target
    }
}
