import GPU

/// Puts small constant arrays into device memory: written in place where the host can, copied once where it cannot.
struct ConstantUpload {
    private let device: Device
    private var copies: [(from: Buffer, to: Buffer)] = []

    init(device: Device) { self.device = device }

    /// A buffer with these values, at least 256 bytes long; valid for kernels after `finish`.
    mutating func buffer<Value: BitwiseCopyable>(_ values: [Value], label: String) throws -> Buffer {
        let bytes = max(values.count * MemoryLayout<Value>.stride, 256)
        let target = try device.makeBuffer(byteCount: bytes, label: label)
        if target.isHostVisible {
            try target.write(values)
        } else {
            let staging = try device.makeBuffer(byteCount: bytes, memory: .upload, label: label)
            try staging.write(values)
            copies.append((staging, target))
        }
        return target
    }

    /// The weights of an axis as its kernel reads them: `plane_enlarge`'s uniform block, or `plane_resample`'s table.
    mutating func weights(of axis: ResampleAxis) throws -> Buffer {
        guard let taps = PeriodicTaps(axis) else { return try buffer(axis.taps.table, label: "weights") }
        let padding = [SIMD4<Float>](repeating: .zero, count: 2 * PeriodicTaps.largestWindow - taps.rows.count)
        return try buffer(taps.rows + padding, label: "weights")
    }

    /// Copies what has to be copied and waits for it.
    mutating func finish() async throws {
        guard !copies.isEmpty else { return }
        var recorder = try device.makeRecorder()
        for copy in copies { try recorder.copy(from: copy.from.all, to: copy.to.all) }
        copies = []
        try await recorder.submit().wait()
    }
}
