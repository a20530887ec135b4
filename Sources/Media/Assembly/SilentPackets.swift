import CLibAV

/// Packets of uncompressed silence that share one piece of memory, so that hours of it need none.
final class SilentPackets {
    /// Samples that a packet can have; at least 1.
    let longest: Int64
    private var buffer: UnsafeMutablePointer<AVBufferRef>?
    private let sampleBytes: Int

    /// In bytes.
    private static let size = 1 << 20

    /// - Parameters:
    ///   - sampleBytes: of one sample of all channels.
    ///   - value: of every byte.
    init(sampleBytes: Int, value: UInt8) throws(MediaError) {
        self.sampleBytes = sampleBytes
        longest = Int64(max(Self.size / sampleBytes, 1))
        let count = Int(longest) * sampleBytes
        let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
        buffer = av_buffer_alloc(count + padding)
        guard let bytes = buffer?.pointee.data else { throw .outOfMemory }
        bytes.initialize(repeating: value, count: count)
        (bytes + count).initialize(repeating: 0, count: padding)
    }

    deinit { av_buffer_unref(&buffer) }

    /// - Precondition: 0 < `samples` ≤ `longest`.
    func packet(_ samples: Int64) throws(MediaError) -> Packet {
        precondition(samples > 0 && samples <= longest, "no packet has \(samples) samples")
        let packet = try Packet.allocate()
        guard let buffer, let reference = av_buffer_ref(buffer) else { throw .outOfMemory }
        packet.raw.pointee.buf = reference
        packet.raw.pointee.data = reference.pointee.data
        packet.raw.pointee.size = Int32(Int(samples) * sampleBytes)
        packet.raw.pointee.flags |= AV_PKT_FLAG_KEY
        return packet
    }
}
