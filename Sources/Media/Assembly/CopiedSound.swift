import CLibAV
import Primitives

/// Packets of sound that stay as they are.
final class CopiedSound: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    /// Bytes of one sample of all channels; nil for codecs whose packets cannot be cut.
    private let sampleBytes: Int?
    /// One sample: what places and lengths are counted in.
    private let unit: AVRational
    /// Of the packets that are written.
    private var outputUnit = AVRational(num: 1, den: 1)
    private var origin: Int64 = 0
    private var length: Int64?
    private var cutsStart = false
    private var clock: AudioClock?

    init(_ stream: UnsafeMutablePointer<AVStream>, output: borrowing OutputFile) throws(MediaError) {
        source = stream
        let codec = stream.pointee.codecpar.pointee
        let bits = Int(av_get_exact_bits_per_sample(codec.codec_id))
        let isUncompressed = text(avcodec_get_name(codec.codec_id))?.hasPrefix("pcm_") ?? false
        sampleBytes = isUncompressed && bits > 0 && bits % 8 == 0 ? bits / 8 * Int(codec.ch_layout.nb_channels) : nil
        unit = AVRational(num: 1, den: codec.sample_rate)
        super.init(output: try output.addCopy(of: stream) { _ in })
    }

    override func start(window: TrimWindow, picture: MediaTime, unit outputUnit: AVRational) {
        self.outputUnit = outputUnit
        origin = window.origin(in: unit)
        length = window.length(in: unit)
        cutsStart = window.isTrimmedAtStart
        clock = AudioClock(source: source.pointee.time_base, unit: unit, window: window.samples(in: unit))
    }

    override var soundGaps: SoundGaps? { clock?.gaps }

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
        let timebase = source.pointee.time_base
        let samples = Int64(av_get_audio_frame_duration2(source.pointee.codecpar, packet.raw.pointee.size))
        let duration = samples > 0 ? samples : av_rescale_q(packet.duration, timebase, unit)
        let stamp = (packet.presentationTime ?? packet.decodeTime).map { av_rescale_q($0, timebase, unit) - origin }
        guard var start = clock?.time(stamp, duration: duration) else { return }
        var end = start + duration
        let first = cutsStart ? -runIn(packet: duration) : Int64.min
        if cutsStart ? end <= first : false { return }
        if let length, start >= length { return }
        var bytes = 0..<Int(packet.raw.pointee.size)
        if let sampleBytes {
            if cutsStart, start < 0 {
                bytes = min(bytes.upperBound, Int(-start) * sampleBytes)..<bytes.upperBound
                start = 0
            }
            if let length, end > length {
                bytes = bytes.lowerBound..<max(bytes.lowerBound, bytes.upperBound - Int(end - length) * sampleBytes)
                end = length
            }
            guard !bytes.isEmpty else { return }
        }
        let copy = try Packet.allocate()
        try check(av_packet_ref(copy.raw, packet.raw), "av_packet_ref")
        copy.raw.pointee.data += bytes.lowerBound
        copy.raw.pointee.size = Int32(bytes.count)
        // A run-in that the source marks as "decode, do not play" is a run-in here too: the edit list says so.
        copy.raw.pointee.flags &= ~AV_PKT_FLAG_DISCARD
        av_packet_free_side_data(copy.raw)
        copy.raw.pointee.pts = start
        copy.raw.pointee.dts = start
        copy.raw.pointee.duration = end - start
        av_packet_rescale_ts(copy.raw, unit, outputUnit)
        ready.append(copy, stream: output)
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

    /// When a text is shown in the rendition; nil for never.
    func place(_ time: Int64, _ duration: Int64) -> Range<Int64>? {
        let start = max(time - origin, 0)
        let end = min(time - origin + duration, length ?? .max)
        return start < end ? start..<end : nil
    }
}
