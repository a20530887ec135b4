import CLibAV

/// Owner of one sound decoder.
final class SoundDecoder {
    private let raw: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>

    /// Decoded sound: one array a channel, samples in the high bits of 32.
    struct Block {
        /// In the stream's timebase; nil for behind the block before.
        let time: Int64?
        let channels: [[Int32]]
        let form: SoundForm

        var count: Int { channels.first?.count ?? 0 }
    }

    private init(raw: UnsafeMutablePointer<AVCodecContext>, frame: UnsafeMutablePointer<AVFrame>) {
        self.raw = raw
        self.frame = frame
    }

    deinit {
        var (raw, frame): (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVFrame>?) = (raw, frame)
        avcodec_free_context(&raw)
        av_frame_free(&frame)
    }

    static func open(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) -> SoundDecoder {
        let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
        guard let codec, let raw = avcodec_alloc_context3(codec), let frame = av_frame_alloc() else { throw .outOfMemory }
        let decoder = SoundDecoder(raw: raw, frame: frame)
        try check(avcodec_parameters_to_context(raw, stream.pointee.codecpar), "avcodec_parameters_to_context")
        raw.pointee.pkt_timebase = stream.pointee.time_base
        raw.pointee.thread_count = 1
        guard avcodec_open2(raw, codec, nil) >= 0 else { throw .unsupported(.codec(text(codec.pointee.name) ?? "unknown")) }
        return decoder
    }

    /// A packet that cannot be decoded is silence where it was: the times of the next ones tell.
    func send(_ packet: borrowing Packet) { avcodec_send_packet(raw, packet.raw) }
    func sendEnd() { avcodec_send_packet(raw, nil) }

    /// Nil when more packets are needed, or none will come.
    func receive() throws(MediaError) -> Block? {
        while true {
            let code = avcodec_receive_frame(raw, frame)
            if code == remaster_error_again || code == remaster_error_end_of_file { return nil }
            if code == remaster_error_no_memory { throw .outOfMemory }
            if code < 0 { continue }
            return Block(
                time: timestamp(frame.pointee.pts), channels: samples(),
                form: SoundForm(frame.pointee.ch_layout, rate: frame.pointee.sample_rate))
        }
    }

    private func samples() -> [[Int32]] {
        let format = AVSampleFormat(frame.pointee.format)
        let isPlanar = av_sample_fmt_is_planar(format) != 0
        let channels = Int(frame.pointee.ch_layout.nb_channels)
        let count = Int(frame.pointee.nb_samples)
        return (0..<channels).map { channel in
            guard let base = frame.pointee.extended_data[isPlanar ? channel : 0] else { return [] }
            let pointer = UnsafeRawPointer(base)
            let (step, first) = isPlanar ? (1, 0) : (channels, channel)
            return (0..<count).map { index in
                let place = first + index * step
                switch av_get_packed_sample_fmt(format) {
                case AV_SAMPLE_FMT_U8: return (Int32(pointer.load(fromByteOffset: place, as: UInt8.self)) - 128) << 24
                case AV_SAMPLE_FMT_S16: return Int32(pointer.load(fromByteOffset: place * 2, as: Int16.self)) << 16
                case AV_SAMPLE_FMT_S32: return pointer.load(fromByteOffset: place * 4, as: Int32.self)
                case AV_SAMPLE_FMT_S64: return Int32(pointer.load(fromByteOffset: place * 8, as: Int64.self) >> 32)
                case AV_SAMPLE_FMT_FLT: return Self.fixed(Double(pointer.load(fromByteOffset: place * 4, as: Float.self)))
                case AV_SAMPLE_FMT_DBL: return Self.fixed(pointer.load(fromByteOffset: place * 8, as: Double.self))
                default: return 0
                }
            }
        }
    }

    /// Rounded to 24 bits, which then stand in the high bits of 32; clipped at full scale.
    private static func fixed(_ sample: Double) -> Int32 {
        guard sample.isFinite else { return 0 }
        return Int32(min(max((sample * 8_388_608).rounded(), -8_388_608), 8_388_607)) << 8
    }
}
