import CLibAV
import Primitives

/// Packets of sound that stay as they are.
///
/// Uncompressed sound is cut to the sample, and has no holes: QuickTime counts its samples and nothing else, so that silence stands
/// where the source has no sound, and of what overlaps the first. Packets of a codec keep their own times; those that begin no later
/// than the one before them, or end before it does, are left out.
final class CopiedSound: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    /// Bytes of one sample of all channels; nil for codecs whose packets cannot be cut.
    private let sampleBytes: Int?
    private let silentPackets: SilentPackets?
    private let interrupt: MediaInterrupt
    /// One sample: what places and lengths are counted in.
    private let unit: AVRational
    /// Of the packets that are written.
    private var outputUnit = AVRational(num: 1, den: 1)
    private var length: Int64?
    private var cutsStart = false
    private var clock: AudioClock?
    /// The last packet, which waits for the time of the next.
    private var held: Packet?
    private var heldArrival: AudioClock.Arrival?
    /// Where the next sample belongs; nil before the first.
    private var expected: Int64?
    /// Of the last packet that was written, in the output's unit.
    private var lastTime: Int64?

    init(_ stream: UnsafeMutablePointer<AVStream>, output: borrowing OutputFile, context: MediaContext) throws(MediaError) {
        source = stream
        interrupt = context.interrupt
        let codec = stream.pointee.codecpar.pointee
        let bits = Int(av_get_exact_bits_per_sample(codec.codec_id))
        let isUncompressed = text(avcodec_get_name(codec.codec_id))?.hasPrefix("pcm_") ?? false
        sampleBytes = isUncompressed && bits > 0 && bits % 8 == 0 ? bits / 8 * Int(codec.ch_layout.nb_channels) : nil
        if let sampleBytes {
            silentPackets = try SilentPackets(sampleBytes: sampleBytes, value: CopiedSound.silence(codec.codec_id))
        } else {
            silentPackets = nil
        }
        unit = AVRational(num: 1, den: codec.sample_rate)
        super.init(output: try output.addCopy(of: stream) { _ in })
    }

    /// Every byte of a silent sample. ITU-T G.711: the smallest values, with their bits inverted as they are sent.
    private static func silence(_ codec: AVCodecID) -> UInt8 {
        switch codec {
        case AV_CODEC_ID_PCM_U8: 0x80
        case AV_CODEC_ID_PCM_ALAW: 0xD5
        case AV_CODEC_ID_PCM_MULAW: 0xFF
        default: 0
        }
    }

    override func start(window: TrimWindow, picture: MediaTime, unit outputUnit: AVRational) {
        self.outputUnit = outputUnit
        length = window.length(in: unit)
        cutsStart = window.isTrimmedAtStart
        clock = AudioClock(
            source: source.pointee.time_base, unit: unit, in: AudioClock.Bounds(window: window, picture: picture),
            isCut: sampleBytes != nil, form: announcedForm)
    }

    override var soundFindings: SoundFindings? { clock?.findings }

    /// Samples before the range that a decoder needs to give the first ones of the range as it would have.
    private func runIn(packet duration: Int64) -> Int64 {
        switch source.pointee.codecpar.pointee.codec_id {
        // One overlapping block before; two, so that its own predecessor does not matter.
        case AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_VORBIS: 2 * duration
        // The bit reservoir reaches back over several frames.
        case AV_CODEC_ID_MP3, AV_CODEC_ID_MP2: 10 * duration
        // RFC 7845 section 4.6: 80 ms.
        case AV_CODEC_ID_OPUS: Int64(0.08 * Double(unit.den) / Double(unit.num)) + duration
        default: 0
        }
    }

    override func take(_ packet: borrowing Packet, into ready: PacketQueue) throws(MediaError) {
        // Bytes count the samples of uncompressed sound; what the container says besides is rounded.
        let arrival = clock?.arrival(
            packet.presentationTime ?? packet.decodeTime, samples: samples(of: packet), stated: sampleBytes == nil ? packet.duration : 0)
        guard let arrival else { return }
        try settle(before: arrival, into: ready)
        let copy = try Packet.allocate()
        try check(av_packet_ref(copy.raw, packet.raw), "av_packet_ref")
        held = consume copy
        heldArrival = arrival
    }

    override func finish(into ready: PacketQueue) throws(MediaError) { try settle(before: nil, into: ready) }

    /// By the codec; 0 where only the container tells.
    private func samples(of packet: borrowing Packet) -> Int64 {
        let codec = source.pointee.codecpar
        let samples = Int64(av_get_audio_frame_duration2(codec, packet.raw.pointee.size))
        guard let header = header(of: packet), header.samples > 0, header.form.rate != unit.den else { return samples }
        // A packet of another rate than the file says: its length in samples of that one.
        return header.samples * Int64(unit.den) / Int64(header.form.rate)
    }

    /// What a packet says of itself, or what comes with it.
    private func header(of packet: borrowing Packet) -> SoundHeader? {
        let codec = source.pointee.codecpar.pointee.codec_id
        if let header = packet.withBytes({ bytes in SoundHeader(bytes, codec: codec) }) { return header }
        var size = 0
        guard codec == AV_CODEC_ID_AAC, let data = av_packet_get_side_data(packet.raw, AV_PKT_DATA_NEW_EXTRADATA, &size) else { return nil }
        return SoundHeader(audioSpecificConfig: UnsafeRawBufferPointer(start: data, count: size))
    }

    /// What the file says of all packets, where they do not say it themselves.
    private var announcedForm: SoundForm? {
        let codec = source.pointee.codecpar.pointee
        guard codec.codec_id == AV_CODEC_ID_AAC else { return nil }
        let bytes = UnsafeRawBufferPointer(start: codec.extradata, count: codec.extradata == nil ? 0 : Int(codec.extradata_size))
        return SoundHeader(audioSpecificConfig: bytes)?.form
    }

    /// Gives the packet that waits its place.
    private func settle(before following: AudioClock.Arrival?, into ready: PacketQueue) throws(MediaError) {
        guard let arrival = heldArrival, let packet = held.take() else { return }
        heldArrival = nil
        guard let place = clock?.place(arrival, before: following) else { return }
        if let form = header(of: packet)?.form { clock?.note(form, at: place.lowerBound) }
        if let length, place.lowerBound >= length { return }
        // A run-in that the source marks as "decode, do not play" is a run-in here too: the edit list says so.
        packet.raw.pointee.flags &= ~AV_PKT_FLAG_DISCARD
        av_packet_free_side_data(packet.raw)
        if let sampleBytes {
            try join(packet, at: place, sampleBytes: sampleBytes, into: ready)
        } else if !cutsStart || place.upperBound > -runIn(packet: Int64(place.count)) {
            append(packet, at: place, into: ready)
        }
    }

    /// Puts samples behind those before them, cut to the window.
    private func join(
        _ packet: consuming Packet, at place: Range<Int64>, sampleBytes: Int, into ready: PacketQueue
    ) throws(MediaError) {
        let start = max(place.lowerBound, cutsStart ? 0 : Int64.min, expected ?? Int64.min)
        let whole = place.lowerBound + Int64(Int(packet.raw.pointee.size) / sampleBytes)
        let end = min(place.upperBound, whole, length ?? Int64.max)
        guard start < end else { return }
        var next = expected ?? start
        while let silentPackets, next < start {
            try interrupt.check()
            let gap = min(start - next, silentPackets.longest)
            append(try silentPackets.packet(gap), at: next..<next + gap, into: ready)
            next += gap
        }
        packet.raw.pointee.data += Int(start - place.lowerBound) * sampleBytes
        packet.raw.pointee.size = Int32(Int(end - start) * sampleBytes)
        expected = end
        append(packet, at: start..<end, into: ready)
    }

    private func append(_ packet: consuming Packet, at place: Range<Int64>, into ready: PacketQueue) {
        // Muxers refuse times that do not ascend, which rounding to a coarser unit may make of times that do.
        let start = max(av_rescale_q(place.lowerBound, unit, outputUnit), lastTime.map { $0 + 1 } ?? Int64.min)
        lastTime = start
        packet.raw.pointee.pts = start
        packet.raw.pointee.dts = start
        packet.raw.pointee.duration = av_rescale_q(Int64(place.count), unit, outputUnit)
        ready.append(packet, stream: output)
    }
}

/// Packets of the container's own kind of text.
final class CopiedText: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    private var clip = TextClip()

    init(_ stream: UnsafeMutablePointer<AVStream>, output: borrowing OutputFile) throws(MediaError) {
        source = stream
        super.init(output: try output.addCopy(of: stream) { _ in })
    }

    override func start(window: TrimWindow, picture: MediaTime, unit: AVRational) { clip = TextClip(window: window, unit: unit) }

    override func take(_ packet: borrowing Packet, into ready: PacketQueue) throws(MediaError) {
        guard let time = packet.presentationTime else { return }
        let timebase = source.pointee.time_base
        guard let shown = clip.place(av_rescale_q(time, timebase, clip.unit), av_rescale_q(packet.duration, timebase, clip.unit)) else {
            return
        }
        let copy = try Packet.allocate()
        try check(av_packet_ref(copy.raw, packet.raw), "av_packet_ref")
        av_packet_free_side_data(copy.raw)
        copy.raw.pointee.pts = shown.lowerBound
        copy.raw.pointee.dts = shown.lowerBound
        copy.raw.pointee.duration = Int64(shown.count)
        ready.append(copy, stream: output)
    }
}

/// Cuts the time in which a text is shown to the window.
struct TextClip {
    var unit = AVRational(num: 1, den: 1)
    private var origin: Int64 = 0
    private var length: Int64?

    init() {}

    init(window: TrimWindow, unit: AVRational) {
        self.unit = unit
        origin = window.origin(in: unit)
        length = window.length(in: unit)
    }

    /// When a text is shown in the rendition; nil for never, and for times that no file can mean.
    func place(_ time: Int64, _ duration: Int64) -> Range<Int64>? {
        guard time.magnitude <= 1 << 61, duration.magnitude <= 1 << 61, origin.magnitude <= 1 << 61 else { return nil }
        let start = max(time - origin, 0)
        let end = min(time - origin + duration, length ?? .max)
        return start < end ? start..<end : nil
    }
}
