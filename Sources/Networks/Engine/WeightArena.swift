import GPU

/// All numbers of a network in one buffer: each layer binds its part.
struct WeightArena {
    /// What a uniform binding of `net_convolve` shows, and the device must allow.
    static let uniformBytes = 65536
    /// Parts start where any device lets them be bound.
    private static let alignment = 256

    private(set) var values: [Float] = []

    /// A part of the arena, in bytes.
    struct Part: Sendable {
        let byteOffset: Int
        let byteCount: Int
    }

    /// Adds numbers and says where they are.
    mutating func append(_ numbers: [Float]) -> Part {
        let part = Part(byteOffset: values.count * 4, byteCount: max(1, numbers.count) * 4)
        values += numbers.isEmpty ? [0] : numbers
        let perBlock = Self.alignment / 4
        values += [Float](repeating: 0, count: (perBlock - values.count % perBlock) % perBlock)
        return part
    }

    /// Puts the numbers on the device, with room behind them for the last uniform binding.
    func upload(to device: Device) throws -> Buffer {
        let byteCount = values.count * 4 + Self.uniformBytes
        let target = try device.makeBuffer(byteCount: byteCount, memory: .device, label: "network weights")
        if target.isHostVisible {
            try target.write(values)
            return target
        }
        let staging = try device.makeBuffer(byteCount: byteCount, memory: .upload, label: "network weights, staged")
        try staging.write(values)
        var recorder = try device.makeRecorder()
        try recorder.copy(from: staging.all, to: target.all)
        try recorder.submit().waitBlocking()
        return target
    }
}
