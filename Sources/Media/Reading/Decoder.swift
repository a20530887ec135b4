import CLibAV
import Picture
import Primitives

/// Unique owner of one video decoder.
///
/// Packets are marked with a number of the caller's in place of their time; the frame made of a packet carries it out
/// again, in presentation order. This identity survives duplicate and missing time stamps.
struct Decoder: ~Copyable {
    let raw: UnsafeMutablePointer<AVCodecContext>
    let interrupt: MediaInterrupt
    /// What the container says where the stream's own word is what its encoders write of any picture.
    private let containerMatrix: AVColorSpace?

    private init(raw: UnsafeMutablePointer<AVCodecContext>, interrupt: MediaInterrupt, containerMatrix: AVColorSpace?) {
        self.raw = raw
        self.interrupt = interrupt
        self.containerMatrix = containerMatrix
    }

    deinit {
        var raw: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&raw)
    }

    /// What comes out of a decoder.
    enum Received: ~Copyable {
        case frame(DecodedFrame)
        case needsInput
        case endOfStream
        /// A packet could not be decoded; which one shows in what is missing.
        case failed
    }

    /// - Parameter threads: 0 lets the library choose. The frames do not depend on it.
    static func open(_ stream: UnsafeMutablePointer<AVStream>, threads: Int, context: MediaContext) throws(MediaError) -> Decoder {
        guard let parameters = stream.pointee.codecpar else { throw .noVideoStream }
        guard let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw .unsupported(.codec(text(avcodec_get_name(parameters.pointee.codec_id)) ?? "unknown"))
        }
        guard let raw = avcodec_alloc_context3(codec) else { throw .outOfMemory }
        // Most encoders of DNxHD know nothing of the field in which frames name BT.709 or BT.2020, and leave it 0, which is BT.709.
        let isVague = codec.pointee.id == AV_CODEC_ID_DNXHD && parameters.pointee.color_space != AVCOL_SPC_UNSPECIFIED
        let decoder = Decoder(
            raw: raw, interrupt: context.interrupt, containerMatrix: isVague ? parameters.pointee.color_space : nil)
        try check(avcodec_parameters_to_context(raw, parameters), "avcodec_parameters_to_context")
        raw.pointee.pkt_timebase = stream.pointee.time_base
        raw.pointee.thread_count = Int32(threads)
        raw.pointee.max_pixels = Int64(context.limits.pixels)
        // Cropping exactly where the bitstream says, also where the first sample is then not aligned.
        raw.pointee.flags |= AV_CODEC_FLAG_UNALIGNED
        raw.pointee.err_recognition = AV_EF_CRCCHECK
        let code = avcodec_open2(raw, codec, nil)
        if code < 0 {
            try context.interrupt.check()
            throw .unsupported(.codec(text(codec.pointee.name) ?? "unknown"))
        }
        return decoder
    }

    /// Gives a packet to the decoder, marked with `number`. False when the decoder refused its bytes.
    ///
    /// - Precondition: the decoder has been drained with `receive()`.
    func send(_ packet: borrowing Packet, number: Int64) throws(MediaError) -> Bool {
        try interrupt.check()
        packet.raw.pointee.pts = number
        packet.raw.pointee.dts = remaster_no_pts
        let code = avcodec_send_packet(raw, packet.raw)
        if code == remaster_error_no_memory { throw .outOfMemory }
        return code >= 0
    }

    /// No more packets: the decoder gives what it still holds.
    func sendEnd() { avcodec_send_packet(raw, nil) }

    func receive() throws(MediaError) -> Received {
        try interrupt.check()
        guard let frame = av_frame_alloc() else { throw .outOfMemory }
        let owned = DecodedFrame(raw: frame)
        let code = avcodec_receive_frame(raw, frame)
        switch code {
        case remaster_error_again: return .needsInput
        case remaster_error_end_of_file: return .endOfStream
        case remaster_error_no_memory: throw .outOfMemory
        case ..<0: return .failed
        default:
            if let containerMatrix, frame.pointee.colorspace == AVCOL_SPC_BT709 { frame.pointee.colorspace = containerMatrix }
            return .frame(owned)
        }
    }

    /// Forgets everything it holds, as after a seek.
    func flush() { avcodec_flush_buffers(raw) }
}

/// Unique owner of a frame just as the decoder gave it, in any pixel format.
struct DecodedFrame: ~Copyable {
    let raw: UnsafeMutablePointer<AVFrame>

    init(raw: UnsafeMutablePointer<AVFrame>) { self.raw = raw }

    deinit {
        var raw: UnsafeMutablePointer<AVFrame>? = raw
        av_frame_free(&raw)
    }

    /// The number its packet was marked with; nil for a frame the decoder made up.
    var number: Int64? { timestamp(raw.pointee.pts) }

    /// Whether the decoder had to conceal something.
    var isDamaged: Bool { raw.pointee.flags & Int32(AV_FRAME_FLAG_CORRUPT) != 0 || raw.pointee.decode_error_flags != 0 }

    var format: AVPixelFormat { AVPixelFormat(raw.pointee.format) }

    /// Gives the pointer away.
    consuming func release() -> UnsafeMutablePointer<AVFrame> {
        let raw = raw
        discard self
        return raw
    }
}
