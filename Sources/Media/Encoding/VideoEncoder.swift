import CLibAV
import Picture
import Primitives

/// Codes frames into a packet log. The bytes depend on the request and the frames alone: not on threads, not on time.
package final class VideoEncoder {
    package let request: EncoderRequest
    /// What a muxer must know of the stream.
    package let parameters: StreamParameters

    private let owner: EncoderOwner
    private let configuration: EncoderConfiguration
    private let colorVolume: DNxHDColorVolume?
    private let packet: Packet
    private let interrupt: MediaInterrupt
    private var lastTime: Int64?
    /// Time and duration of the frames that are still inside, by the time they were given to the encoder with: not
    /// every encoder hands durations on, and some count frames.
    private var inside: [Int64: (time: Int64, duration: Int64)] = [:]
    private var frameCount: Int64 = 0

    /// - Parameter threads: 0 lets the encoder choose.
    /// - Throws: `unsupported(.encoding)` for settings that exclude each other.
    package init(_ request: EncoderRequest, threads: Int = 0, context: MediaContext) throws(MediaError) {
        try context.limits.require(width: request.layout.size.width, height: request.layout.size.height)
        let configuration = try EncoderConfiguration(request, threads: threads)
        owner = try EncoderOwner.open(request, configuration)
        self.configuration = configuration
        colorVolume = DNxHDColorVolume(request.settings, matrix: request.colorTags.matrix)
        parameters = StreamParameters(owner.raw, request: request, bitrate: configuration.bitrate)
        packet = try Packet.allocate()
        interrupt = context.interrupt
        self.request = request
    }

    /// Codes one frame; packets of this and of earlier frames go to `log`.
    ///
    /// - Parameter frame: of the request's layout, its presentation time in the request's timebase and after the one
    ///   before it.
    package func encode(_ frame: consuming Frame, to log: PacketLogWriter) throws(MediaError) {
        try interrupt.check()
        guard frame.layout == request.layout else { throw .wrongFrame(.otherLayout) }
        guard lastTime.map({ frame.presentationTime > $0 }) ?? true else { throw .wrongFrame(.timeNotAscending) }
        lastTime = frame.presentationTime
        let stamp = configuration.countsFrames ? frameCount : frame.presentationTime
        inside[stamp] = (frame.presentationTime, frame.duration)
        frameCount += 1
        prepare(frame, stamp: stamp)
        try check(avcodec_send_frame(owner.raw, frame.raw), "avcodec_send_frame")
        try drain(to: log)
    }

    /// Codes what is still inside. After this the encoder takes no more frames.
    package func finish(to log: PacketLogWriter) throws(MediaError) {
        try check(avcodec_send_frame(owner.raw, nil), "avcodec_send_frame")
        try drain(to: log)
    }

    /// Gives the frame the request's properties, whatever it had from its decoder.
    private func prepare(_ frame: borrowing Frame, stamp: Int64) {
        let raw = frame.raw
        raw.pointee.pts = stamp
        raw.pointee.pict_type = AV_PICTURE_TYPE_NONE
        raw.pointee.interlaced_frame = request.fieldOrder.isInterlaced ? 1 : 0
        raw.pointee.top_field_first = request.fieldOrder == .topFirst ? 1 : 0
        raw.pointee.repeat_pict = 0
        raw.pointee.color_primaries = request.colorTags.libraryPrimaries
        raw.pointee.color_trc = request.colorTags.libraryTransfer
        raw.pointee.colorspace = request.colorTags.libraryMatrix
        raw.pointee.color_range = request.colorTags.libraryRange
        raw.pointee.chroma_location = request.colorTags.librarySiting
        raw.pointee.sample_aspect_ratio = request.sampleAspectRatio.library ?? AVRational(num: 1, den: 1)
        // Captions, old HDR metadata and user data of the source's frame must not leak into the new stream.
        while raw.pointee.nb_side_data > 0, let first = raw.pointee.side_data?[0] { av_frame_remove_side_data(raw, first.pointee.type) }
    }

    private func drain(to log: PacketLogWriter) throws(MediaError) {
        while true {
            try interrupt.check()
            packet.reset()
            let code = avcodec_receive_packet(owner.raw, packet.raw)
            if code == remaster_error_again || code == remaster_error_end_of_file { return }
            try check(code, "avcodec_receive_packet")
            guard let stamp = packet.presentationTime, let (time, duration) = inside.removeValue(forKey: stamp) else {
                throw .failed(operation: "avcodec_receive_packet", code: 0, message: "a packet of no frame that was sent")
            }
            packet.raw.pointee.pts = time
            if configuration.countsFrames { packet.raw.pointee.dts = remaster_no_pts }
            try colorVolume?.mark(packet)
            let kept = packet.isKeyframe ? packet.withBytes { ParameterSetFilter(configuration.parameterSets).strip($0) } : nil
            if let kept {
                try kept.withRawBytes { bytes throws(MediaError) in try log.append(packet, bytes: bytes, duration: duration) }
            } else {
                try packet.withBytes { bytes throws(MediaError) in try log.append(packet, bytes: bytes, duration: duration) }
            }
        }
    }
}

/// Unique owner of one encoder.
private struct EncoderOwner: ~Copyable {
    let raw: UnsafeMutablePointer<AVCodecContext>

    deinit {
        var raw: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&raw)
    }

    private init(raw: UnsafeMutablePointer<AVCodecContext>) { self.raw = raw }

    static func open(_ request: EncoderRequest, _ configuration: EncoderConfiguration) throws(MediaError) -> EncoderOwner {
        guard let codec = avcodec_find_encoder_by_name(configuration.encoder) else {
            throw .unsupported(.codec(configuration.encoder))
        }
        guard let raw = avcodec_alloc_context3(codec) else { throw .outOfMemory }
        let owner = EncoderOwner(raw: raw)
        guard let timebase = request.timebase.library, let rate = request.frameRate.library, let ratio = request.sampleAspectRatio.library
        else { throw .unsupported(.encoding("a timebase, frame rate or sample aspect ratio with large terms")) }
        raw.pointee.width = Int32(request.layout.size.width)
        raw.pointee.height = Int32(request.layout.size.height)
        raw.pointee.pix_fmt = try request.layout.format.library()
        raw.pointee.time_base = configuration.countsFrames ? AVRational(num: rate.den, den: rate.num) : timebase
        raw.pointee.framerate = rate
        raw.pointee.sample_aspect_ratio = ratio
        raw.pointee.color_primaries = request.colorTags.libraryPrimaries
        raw.pointee.color_trc = request.colorTags.libraryTransfer
        raw.pointee.colorspace = request.colorTags.libraryMatrix
        raw.pointee.color_range = request.colorTags.libraryRange
        raw.pointee.chroma_sample_location = request.colorTags.librarySiting
        raw.pointee.field_order = request.fieldOrder.library
        let interval = configuration.codesFramesAlone ? 1 : min(request.keyframeInterval, configuration.maximumKeyframeInterval ?? .max)
        raw.pointee.gop_size = Int32(clamping: interval)
        raw.pointee.keyint_min = Int32(clamping: interval)
        raw.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP) | AV_CODEC_FLAG_BITEXACT
        if configuration.codesFields { raw.pointee.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME }
        raw.pointee.thread_count = Int32(clamping: configuration.threads ?? 1)
        raw.pointee.thread_type = FF_THREAD_SLICE
        if let bitrate = configuration.bitrate { raw.pointee.bit_rate = Int64(bitrate) }
        if let buffer = configuration.constantRateBuffer {
            raw.pointee.rc_min_rate = raw.pointee.bit_rate
            raw.pointee.rc_max_rate = raw.pointee.bit_rate
            raw.pointee.rc_buffer_size = Int32(clamping: buffer)
            // Each segment begins alike, half full: where rate control holds the buffer, and so where a segment ends.
            raw.pointee.rc_initial_buffer_occupancy = Int32(clamping: buffer / 2)
        }
        if let profile = configuration.profile { (raw.pointee.profile, raw.pointee.level) = profile }
        raw.pointee.intra_dc_precision = Int32(configuration.extraDCBits)
        if let frames = configuration.maximumBFrames { raw.pointee.max_b_frames = Int32(frames) }
        if let quantizer = configuration.maximumQuantizer { raw.pointee.qmax = Int32(quantizer) }
        var options = LibraryDictionary()
        for (key, value) in configuration.options { try options.set(key, value) }
        let code = avcodec_open2(raw, codec, &options.raw)
        if code < 0, code != remaster_error_no_memory { throw .unsupported(.encoding("\(configuration.encoder): \(describe(code))")) }
        try check(code, "avcodec_open2")
        if let unknown = options.keys.first { throw .unsupported(.encoding("\(configuration.encoder) has no option \(unknown)")) }
        return owner
    }
}

extension StreamParameters {
    init(_ raw: UnsafeMutablePointer<AVCodecContext>, request: EncoderRequest, bitrate: Int?) {
        self.init(
            codecName: CodecName(raw.pointee.codec_id).name, layout: request.layout, timebase: request.timebase,
            frameRate: request.frameRate, sampleAspectRatio: request.sampleAspectRatio, colorTags: request.colorTags, hdr: request.hdr,
            fieldOrder: request.fieldOrder, profile: Int(raw.pointee.profile), level: Int(raw.pointee.level),
            codecTag: raw.pointee.codec_tag, bitrate: bitrate,
            extradata: Array(UnsafeRawBufferPointer(start: raw.pointee.extradata, count: Int(raw.pointee.extradata_size))))
    }
}
