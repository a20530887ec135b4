import CLibAV
import Primitives

/// Sound that is decoded and stored again because the container refuses its codec; cut to the sample.
///
/// Positions count samples of the source's rate until they go through the resampler, then samples of the target's.
final class ConvertedSound: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    private let decoder: SoundDecoder
    private let target: AudioTarget
    private let channels: Int
    private let coder: SoundCoder?
    /// Of the packets that are written.
    private var unit = AVRational(num: 1, den: 1)
    private var origin: Int64 = 0
    private var length: Int64?
    private var cutsStart = false
    private var clock: AudioClock?
    private var resampler: SoundResampler?
    /// Where the next sample of the source belongs if nothing is missing; nil before the first.
    private var expected: Int64?
    /// Samples that have been written, and how many there must be in the end where the track fills the picture.
    private var written: Int64 = 0
    private var wanted: Int64?

    /// Longest silence in one packet, in samples.
    private static let silence: Int64 = 48_000

    init(
        _ stream: UnsafeMutablePointer<AVStream>, target: AudioTarget, output: borrowing OutputFile, context: MediaContext
    ) throws(MediaError) {
        source = stream
        self.target = target
        decoder = try SoundDecoder.open(stream)
        channels = Int(stream.pointee.codecpar.pointee.ch_layout.nb_channels)
        coder = target.isCompressed ? try SoundCoder(stream.pointee.codecpar, target: target) : nil
        let (header, made) = (coder?.header ?? [], coder)
        super.init(
            output: try output.addCopy(of: stream) { codec throws(MediaError) in
                codec.pointee.codec_id = target.codecID
                codec.pointee.profile = made?.profile ?? FF_PROFILE_UNKNOWN
                codec.pointee.initial_padding = made?.initialPadding ?? 0
                codec.pointee.trailing_padding = 0
                codec.pointee.seek_preroll = 0
                codec.pointee.sample_rate = target.sampleRate
                codec.pointee.bits_per_raw_sample = target.form == .advancedAudioCoding ? 0 : Int32(target.bits)
                codec.pointee.bits_per_coded_sample = codec.pointee.bits_per_raw_sample
                codec.pointee.block_align = target.isCompressed ? 0 : codec.pointee.ch_layout.nb_channels * Int32(target.bits / 8)
                codec.pointee.frame_size = made.map { Int32($0.frameSize) } ?? 0
                codec.pointee.bit_rate = made?.bitrate ?? 0
                codec.pointee.format = target.format.rawValue
                try setExtradata(codec, header)
            })
    }

    private var sourceUnit: AVRational { AVRational(num: 1, den: source.pointee.codecpar.pointee.sample_rate) }
    private var targetUnit: AVRational { AVRational(num: 1, den: target.sampleRate) }

    override var soundGaps: SoundGaps? { clock?.gaps }

    override func start(window: TrimWindow, picture: MediaTime, unit: AVRational) {
        self.unit = unit
        origin = window.origin(in: sourceUnit)
        length = window.length(in: sourceUnit)
        cutsStart = window.isTrimmedAtStart
        clock = AudioClock(source: source.pointee.time_base, unit: sourceUnit, window: window.samples(in: sourceUnit))
        if target.fillsPicture {
            expected = 0
            wanted = picture.rescaled(to: Rational(1, Int64(target.sampleRate))).value
        }
    }

    override func take(_ packet: borrowing Packet, into ready: PacketQueue) throws(MediaError) {
        decoder.send(packet)
        try drain(into: ready)
    }

    override func finish(into ready: PacketQueue) throws(MediaError) {
        decoder.sendEnd()
        try drain(into: ready)
        if let resampler { try emit(try resampler.finish(), into: ready) }
        try coder?.finish { packet throws(MediaError) in ready.append(try scaled(packet), stream: output) }
    }

    override func fill(into ready: PacketQueue) throws(MediaError) -> Bool {
        guard let wanted, written < wanted else { return false }
        try emit(silence(min(wanted - written, Self.silence)), into: ready)
        return written < wanted
    }

    private func drain(into ready: PacketQueue) throws(MediaError) {
        while let block = try decoder.receive() {
            let stamp = block.time.map { av_rescale_q($0, source.pointee.time_base, sourceUnit) - origin }
            guard block.channels.count == channels, let count = block.channels.first?.count, count > 0,
                let start = clock?.time(stamp, duration: Int64(count))
            else { continue }
            let first = cutsStart ? min(max(Int(-start), 0), count) : 0
            let last = length.map { min(max(Int($0 - start), 0), count) } ?? count
            guard first < last else { continue }
            try place(block.channels.map { Array($0[first..<last]) }, at: start + Int64(first), into: ready)
        }
    }

    /// Gives samples their place behind those before them: silence in a gap where the track may have none.
    private func place(_ block: [[Int32]], at position: Int64, into ready: PacketQueue) throws(MediaError) {
        var (block, position) = (block, position)
        if wanted != nil, var next = expected {
            while next < position {
                let gap = min(position - next, Self.silence)
                try convert(silence(gap), into: ready)
                next += gap
            }
            let overlap = min(Int(next - position), block.first?.count ?? 0)
            if overlap > 0 {
                block = block.map { Array($0.dropFirst(overlap)) }
                position += Int64(overlap)
            }
        } else if expected != position {
            // A gap: the rest of what is inside belongs before it.
            if let resampler { try emit(try resampler.finish(), into: ready) }
            resampler = nil
            written = av_rescale_q(position, sourceUnit, targetUnit)
        }
        expected = position + Int64(block.first?.count ?? 0)
        try convert(block, into: ready)
    }

    private func convert(_ block: [[Int32]], into ready: PacketQueue) throws(MediaError) {
        let from = source.pointee.codecpar.pointee.sample_rate
        guard from != target.sampleRate else { return try emit(block, into: ready) }
        if resampler == nil { resampler = try SoundResampler(channels: channels, from: from, to: target.sampleRate) }
        if let resampler { try emit(try resampler.convert(block), into: ready) }
    }

    /// Writes samples of the target's rate behind those before.
    private func emit(_ block: [[Int32]], into ready: PacketQueue) throws(MediaError) {
        var block = block
        if let wanted, let count = block.first?.count, Int64(count) > wanted - written {
            block = block.map { Array($0.prefix(Int(max(wanted - written, 0)))) }
        }
        guard let count = block.first?.count, count > 0 else { return }
        let start = written
        written += Int64(count)
        if let coder {
            try coder.append(block, at: start) { packet throws(MediaError) in ready.append(try scaled(packet), stream: output) }
        } else {
            let packet = try Packet.copying(interleaved(block))
            packet.raw.pointee.pts = start
            packet.raw.pointee.dts = start
            packet.raw.pointee.duration = Int64(count)
            packet.raw.pointee.flags |= AV_PKT_FLAG_KEY
            ready.append(try scaled(packet), stream: output)
        }
    }

    /// The packet with its times, which count samples, in the unit of the file.
    private func scaled(_ packet: consuming Packet) throws(MediaError) -> Packet {
        av_packet_rescale_ts(packet.raw, targetUnit, unit)
        return packet
    }

    private func silence(_ count: Int64) -> [[Int32]] { Array(repeating: Array(repeating: 0, count: Int(count)), count: channels) }

    /// Little-endian samples of all channels in turn, from the high bits of 32.
    private func interleaved(_ block: [[Int32]]) -> [UInt8] {
        let (bytes, count) = (target.bits / 8, block.first?.count ?? 0)
        var packed = [UInt8](repeating: 0, count: bytes * block.count * count)
        var position = 0
        for sample in 0..<count {
            for channel in block {
                let value = UInt32(bitPattern: channel[sample]) >> UInt32(32 - target.bits)
                for byte in 0..<bytes {
                    packed[position] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
                    position += 1
                }
            }
        }
        return packed
    }
}

/// Owner of one sound decoder.
final class SoundDecoder {
    private let raw: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>

    /// Decoded sound: one array a channel, samples in the high bits of 32.
    struct Block {
        /// In the stream's timebase.
        let time: Int64?
        let channels: [[Int32]]
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
            return Block(time: timestamp(frame.pointee.pts), channels: samples())
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
