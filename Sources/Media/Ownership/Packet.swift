import CLibAV

/// Unique owner of one coded packet.
///
/// `@unchecked Sendable`: the pointer never leaves its owner, and an owner cannot be copied.
package struct Packet: ~Copyable, @unchecked Sendable {
    let raw: UnsafeMutablePointer<AVPacket>

    private init(raw: UnsafeMutablePointer<AVPacket>) { self.raw = raw }

    /// An empty packet.
    static func allocate() throws(MediaError) -> Packet {
        guard let raw = av_packet_alloc() else { throw .outOfMemory }
        return Packet(raw: raw)
    }

    /// A packet with a copy of `bytes`.
    static func copying(_ bytes: [UInt8]) throws(MediaError) -> Packet {
        guard let size = Int32(exactly: bytes.count) else { throw .outOfMemory }
        let packet = try allocate()
        try check(av_new_packet(packet.raw, size), "av_new_packet")
        UnsafeMutableRawBufferPointer(start: packet.raw.pointee.data, count: bytes.count).copyBytes(from: bytes)
        return packet
    }

    deinit {
        var raw: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&raw)
    }

    /// In ticks of the timebase of its stream; nil when unknown.
    package var presentationTime: Int64? { timestamp(raw.pointee.pts) }
    /// In ticks of the timebase of its stream; nil when unknown.
    package var decodeTime: Int64? { timestamp(raw.pointee.dts) }
    /// In ticks of the timebase of its stream; 0 when unknown.
    package var duration: Int64 { raw.pointee.duration }
    /// Whether decoding can begin here.
    package var isKeyframe: Bool { raw.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    package var byteCount: Int { Int(raw.pointee.size) }

    /// Lends the coded bytes.
    package borrowing func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: raw.pointee.data, count: Int(raw.pointee.size)))
    }

    func reset() { av_packet_unref(raw) }
}
