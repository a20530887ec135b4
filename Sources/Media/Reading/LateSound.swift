import CLibAV

extension InputFile {
    /// Reads on for sound that begins later in a transport stream than opening it looks (10 s): of such sound the stream's tables
    /// tell the codec alone, and its first packets tell sampling rate, channels and where it begins.
    ///
    /// Reads up to the last of these packets, and the whole file where some sound has none: that sound stays without rate and channels.
    func completeSound() throws(MediaError) {
        var missing: [Int] = []
        for index in 0..<streamCount where isUndescribedSound(index) { missing.append(index) }
        guard !missing.isEmpty else { return }
        // A file of its own: this one stays where it is.
        let file = try InputFile.open(path, context: context)
        var sounds: [Int: LateSound] = [:]
        for index in missing where index < file.streamCount {
            guard file.stream(index).pointee.codecpar.pointee.codec_id == stream(index).pointee.codecpar.pointee.codec_id else { continue }
            sounds[index] = LateSound(file.stream(index))
        }
        let wanted = Set(sounds.keys)
        file.select { wanted.contains($0) }
        let packet = try Packet.allocate()
        while !sounds.isEmpty, try file.read(into: packet) {
            let index = Int(packet.raw.pointee.stream_index)
            guard let sound = sounds[index] else { continue }
            let isKnown = try sound.learn(from: packet)
            if isKnown { try sound.describe(stream(index)) }
            guard isKnown || sound.isHopeless else { continue }
            sounds[index] = nil
            file.stream(index).pointee.discard = AVDISCARD_ALL
        }
    }

    /// Whether sound has a codec that can be decoded, and nothing else is known of it.
    private func isUndescribedSound(_ index: Int) -> Bool {
        let codec = stream(index).pointee.codecpar.pointee
        guard codec.codec_type == AVMEDIA_TYPE_AUDIO, codec.sample_rate <= 0 || codec.ch_layout.nb_channels <= 0 else { return false }
        return avcodec_find_decoder(codec.codec_id) != nil
    }
}

/// What the first packets of sound tell, by decoding them.
private final class LateSound {
    private let raw: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    /// Time of the first packet, in the stream's unit.
    private var start: Int64?
    private var packets = 0

    /// Packets after which decoding is given up: those of damaged or scrambled sound tell nothing.
    private static let mostPackets = 256

    /// Nil for a decoder that would have to know beforehand what it is to tell.
    init?(_ stream: UnsafeMutablePointer<AVStream>) {
        let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
        guard let codec, let raw = avcodec_alloc_context3(codec), let frame = av_frame_alloc() else { return nil }
        self.raw = raw
        self.frame = frame
        guard avcodec_parameters_to_context(raw, stream.pointee.codecpar) >= 0 else { return nil }
        raw.pointee.pkt_timebase = stream.pointee.time_base
        raw.pointee.thread_count = 1
        guard avcodec_open2(raw, codec, nil) >= 0 else { return nil }
    }

    deinit {
        var (raw, frame): (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVFrame>?) = (raw, frame)
        avcodec_free_context(&raw)
        av_frame_free(&frame)
    }

    var isHopeless: Bool { packets >= Self.mostPackets }

    /// Whether rate and channels are known by now.
    func learn(from packet: borrowing Packet) throws(MediaError) -> Bool {
        packets += 1
        if start == nil { start = packet.presentationTime }
        if avcodec_send_packet(raw, packet.raw) == remaster_error_no_memory { throw .outOfMemory }
        var isDecoded = false
        while avcodec_receive_frame(raw, frame) >= 0 { isDecoded = true }
        return isDecoded && raw.pointee.sample_rate > 0 && raw.pointee.ch_layout.nb_channels > 0
    }

    /// Says it of the same stream of another open file.
    func describe(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        try check(avcodec_parameters_from_context(stream.pointee.codecpar, raw), "avcodec_parameters_from_context")
        if let start { stream.pointee.start_time = start }
    }
}
