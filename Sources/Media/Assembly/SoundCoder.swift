import CLibAV

/// Owner of an encoder of sound, and of the samples that do not fill a packet yet.
final class SoundCoder {
    /// Samples in a packet.
    let frameSize: Int
    /// Samples that the decoder gives before the first that was put in.
    var initialPadding: Int32 { raw.pointee.initial_padding }
    /// Bits a second; 0 for lossless coding.
    var bitrate: Int64 { target.form == .advancedAudioCoding ? raw.pointee.bit_rate : 0 }
    /// The library's number.
    var profile: Int32 { raw.pointee.profile }

    /// Bits a second of each AAC channel: stereo is 160 kbit/s.
    private static let bitrateOfChannel: Int64 = 80_000

    private let raw: UnsafeMutablePointer<AVCodecContext>
    private let target: AudioTarget
    private var waiting: [[Int32]]
    /// Time of the first waiting sample, in samples.
    private var time: Int64?

    init(_ source: UnsafeMutablePointer<AVCodecParameters>, target: AudioTarget) throws(MediaError) {
        let codec = avcodec_find_encoder(target.codecID)
        guard let codec, let raw = avcodec_alloc_context3(codec) else { throw .outOfMemory }
        self.raw = raw
        self.target = target
        let isLossless = target.form != .advancedAudioCoding
        frameSize = isLossless ? 4096 : 1024
        waiting = Array(repeating: [], count: Int(source.pointee.ch_layout.nb_channels))
        raw.pointee.sample_rate = target.sampleRate
        raw.pointee.time_base = AVRational(num: 1, den: target.sampleRate)
        raw.pointee.sample_fmt =
            switch target.form {
            case .freeLossless: target.format
            case .lossless, .uncompressed: target.bits == 16 ? AV_SAMPLE_FMT_S16P : AV_SAMPLE_FMT_S32P
            case .advancedAudioCoding: AV_SAMPLE_FMT_FLTP
            }
        // FLAC packs as many samples as it is told; the others have their own number.
        if target.form == .freeLossless { raw.pointee.frame_size = Int32(frameSize) }
        if isLossless {
            raw.pointee.bits_per_raw_sample = Int32(target.bits)
        } else {
            raw.pointee.bit_rate = Self.bitrateOfChannel * Int64(source.pointee.ch_layout.nb_channels)
        }
        raw.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
        // FLAC writes down which channels there are; the others take the standard layouts only, and an unknown one becomes the
        // standard one of as many channels.
        if target.form == .freeLossless, source.pointee.ch_layout.order == AV_CHANNEL_ORDER_NATIVE {
            try check(av_channel_layout_copy(&raw.pointee.ch_layout, &source.pointee.ch_layout), "av_channel_layout_copy")
        } else {
            raw.pointee.ch_layout = target.fallbackLayout(source.pointee.ch_layout.nb_channels)
        }
        let code = avcodec_open2(raw, codec, nil)
        if code < 0 { throw .unsupported(.encoding("\(target.codecName): \(describe(code))")) }
    }

    deinit {
        var raw: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&raw)
    }

    /// What goes before the packets.
    var header: [UInt8] { Array(UnsafeRawBufferPointer(start: raw.pointee.extradata, count: Int(raw.pointee.extradata_size))) }

    /// - Parameters:
    ///   - block: one array a channel, samples in the high bits of 32.
    ///   - start: in samples; behind the first block each begins where the one before ends, because packets of a coder have no gaps.
    func append(_ block: [[Int32]], at start: Int64, _ emit: (consuming Packet) throws(MediaError) -> Void) throws(MediaError) {
        if time == nil { time = start }
        assert(start == (time ?? start) + Int64(waiting.first?.count ?? 0), "sound for a coder has a gap at \(start)")
        for channel in waiting.indices { waiting[channel] += block[channel] }
        while let count = waiting.first?.count, count >= frameSize { try code(frameSize, emit) }
    }

    func finish(_ emit: (consuming Packet) throws(MediaError) -> Void) throws(MediaError) {
        if let count = waiting.first?.count, count > 0 { try code(count, emit) }
        try check(avcodec_send_frame(raw, nil), "avcodec_send_frame")
        try drain(emit)
    }

    private func code(_ count: Int, _ emit: (consuming Packet) throws(MediaError) -> Void) throws(MediaError) {
        var frame = av_frame_alloc()
        defer { av_frame_free(&frame) }
        guard let frame else { throw .outOfMemory }
        frame.pointee.format = raw.pointee.sample_fmt.rawValue
        frame.pointee.nb_samples = Int32(count)
        frame.pointee.sample_rate = raw.pointee.sample_rate
        try check(av_channel_layout_copy(&frame.pointee.ch_layout, &raw.pointee.ch_layout), "av_channel_layout_copy")
        try check(av_frame_get_buffer(frame, 0), "av_frame_get_buffer")
        // Planes of one channel each, or one of all in turn.
        let isPlanar = target.form != .freeLossless
        let step = isPlanar ? 1 : waiting.count
        for channel in waiting.indices {
            guard let plane = frame.pointee.extended_data[isPlanar ? channel : 0] else { throw .outOfMemory }
            let start = UnsafeMutableRawPointer(plane)
            for index in 0..<count {
                let sample = waiting[channel][index]
                let place = index * step + (isPlanar ? 0 : channel)
                if target.form == .advancedAudioCoding {
                    start.storeBytes(of: Float(sample) / 2_147_483_648, toByteOffset: place * 4, as: Float.self)
                } else if target.bits == 16 {
                    start.storeBytes(of: Int16(sample >> 16), toByteOffset: place * 2, as: Int16.self)
                } else {
                    start.storeBytes(of: sample, toByteOffset: place * 4, as: Int32.self)
                }
            }
            waiting[channel].removeFirst(count)
        }
        frame.pointee.pts = time ?? 0
        time = (time ?? 0) + Int64(count)
        try check(avcodec_send_frame(raw, frame), "avcodec_send_frame")
        try drain(emit)
    }

    private func drain(_ emit: (consuming Packet) throws(MediaError) -> Void) throws(MediaError) {
        while true {
            let packet = try Packet.allocate()
            let code = avcodec_receive_packet(raw, packet.raw)
            if code == remaster_error_again || code == remaster_error_end_of_file { return }
            try check(code, "avcodec_receive_packet")
            // The last one of FLAC carries nothing but the sums of the stream.
            guard packet.raw.pointee.size > 0 else { continue }
            packet.raw.pointee.dts = packet.raw.pointee.pts
            try emit(packet)
        }
    }
}
