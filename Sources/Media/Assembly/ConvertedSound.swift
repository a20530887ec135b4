import CLibAV
import Primitives

/// Sound that is decoded and stored again because the container refuses its codec; cut to the sample.
///
/// What is stored has no holes: where the source has no sound there is silence, and where it has sound twice the later one is cut.
/// Positions count samples of the source's rate until they go through the resampler, then samples of the target's.
final class ConvertedSound: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    private let decoder: SoundDecoder
    private let target: AudioTarget
    private let channels: Int
    private let coder: SoundCoder?
    private let remixer: SoundRemixer
    private let silentPackets: SilentPackets?
    private let interrupt: MediaInterrupt
    /// Of the packets that are written.
    private var unit = AVRational(num: 1, den: 1)
    private var length: Int64?
    private var cutsStart = false
    private var clock: AudioClock?
    /// The last block, which waits for the time of the next.
    private var held: (arrival: AudioClock.Arrival, block: SoundDecoder.Block)?
    private var resampler: SoundResampler?
    /// Where the next sample of the source belongs; nil before the first.
    private var expected: Int64?
    /// Samples that have been written, and how many there must be in the end where the track fills the picture.
    private var written: Int64 = 0
    private var wanted: Int64?

    /// Samples of silence that are made at once. At another rate they are more, and shall fit one packet all the same.
    private var silenceStep: Int64 { min(max((silentPackets?.longest ?? .max) / 8, 1), 48_000) }

    init(
        _ stream: UnsafeMutablePointer<AVStream>, target: AudioTarget, output: borrowing OutputFile, context: MediaContext
    ) throws(MediaError) {
        source = stream
        self.target = target
        decoder = try SoundDecoder.open(stream)
        let codec = stream.pointee.codecpar.pointee
        channels = Int(codec.ch_layout.nb_channels)
        interrupt = context.interrupt
        remixer = SoundRemixer(target: SoundForm(codec.ch_layout, rate: codec.sample_rate))
        silentPackets = target.isCompressed ? nil : try SilentPackets(sampleBytes: channels * target.bits / 8, value: 0)
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

    override var soundFindings: SoundFindings? {
        guard var findings = clock?.findings else { return nil }
        if let wanted { findings.filledEnd = Double(wanted) / Double(target.sampleRate) }
        return findings
    }

    override func start(window: TrimWindow, picture: MediaTime, unit: AVRational) {
        self.unit = unit
        length = window.length(in: sourceUnit)
        cutsStart = window.isTrimmedAtStart
        clock = AudioClock(
            source: source.pointee.time_base, unit: sourceUnit, in: AudioClock.Bounds(window: window, picture: picture), isCut: true,
            form: remixer.target, unified: remixer.target)
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
        for block in try remixer.finish() { try hold(block, into: ready) }
        try settle(before: nil, into: ready)
        if let resampler { try emit(try resampler.finish(), into: ready) }
        try coder?.finish { packet throws(MediaError) in ready.append(try scaled(packet), stream: output) }
    }

    override func fill(into ready: PacketQueue) throws(MediaError) -> Bool {
        guard let wanted, written < wanted else { return false }
        try emit(silence(min(wanted - written, silenceStep)), into: ready)
        return written < wanted
    }

    private func drain(into ready: PacketQueue) throws(MediaError) {
        while let block = try decoder.receive() {
            try interrupt.check()
            for part in try remixer.unified(block) { try hold(part, into: ready) }
        }
    }

    private func hold(_ block: SoundDecoder.Block, into ready: PacketQueue) throws(MediaError) {
        guard block.count > 0, let arrival = clock?.arrival(block.time, samples: Int64(block.count)) else { return }
        try settle(before: arrival, into: ready)
        held = (arrival, block)
    }

    /// Gives the block that waits its place.
    private func settle(before following: AudioClock.Arrival?, into ready: PacketQueue) throws(MediaError) {
        guard let (arrival, block) = held else { return }
        held = nil
        guard let start = clock?.place(arrival, before: following)?.lowerBound else { return }
        clock?.note(block.form, at: start)
        let first = cutsStart ? min(max(Int(-start), 0), block.count) : 0
        let last = length.map { min(max(Int($0 - start), 0), block.count) } ?? block.count
        guard first < last else { return }
        try place(block.channels.map { Array($0[first..<last]) }, at: start + Int64(first), into: ready)
    }

    /// Puts samples behind those before them: silence in a gap, and of an overlap the first.
    private func place(_ block: [[Int32]], at position: Int64, into ready: PacketQueue) throws(MediaError) {
        var next = expected ?? position
        if expected == nil { written = av_rescale_q(position, sourceUnit, targetUnit) }
        while next < position {
            try interrupt.check()
            let gap = min(position - next, silenceStep)
            try convert(silence(gap), into: ready)
            next += gap
        }
        let overlap = min(Int(next - position), block.first?.count ?? 0)
        let rest = overlap > 0 ? block.map { Array($0.dropFirst(overlap)) } : block
        expected = next + Int64(rest.first?.count ?? 0)
        if rest.first?.isEmpty == false { try convert(rest, into: ready) }
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
            let packet = try uncompressed(block)
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

    private func uncompressed(_ block: [[Int32]]) throws(MediaError) -> Packet {
        let count = Int64(block.first?.count ?? 0)
        if let silentPackets, count <= silentPackets.longest, block.allSatisfy({ $0.allSatisfy { $0 == 0 } }) {
            return try silentPackets.packet(count)
        }
        return try Packet.copying(interleaved(block))
    }

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
