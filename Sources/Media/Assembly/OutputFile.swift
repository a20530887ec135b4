import CLibAV
import Foundation
import Picture
import Primitives

/// Unique owner of one file that is being muxed: same streams and packets, same bytes, whenever and wherever.
struct OutputFile: ~Copyable {
    let raw: UnsafeMutablePointer<AVFormatContext>
    private let path: String
    private let interrupt: MediaInterrupt
    private let container: RenditionContainer

    private init(raw: UnsafeMutablePointer<AVFormatContext>, path: String, container: RenditionContainer, interrupt: MediaInterrupt) {
        self.raw = raw
        self.path = path
        self.container = container
        self.interrupt = interrupt
    }

    deinit {
        avio_closep(&raw.pointee.pb)
        avformat_free_context(raw)
    }

    /// Creates the file, or empties it.
    static func create(_ path: String, container: RenditionContainer, context: MediaContext) throws(MediaError) -> OutputFile {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let url = "file:" + absolute
        var raw: UnsafeMutablePointer<AVFormatContext>?
        try check(avformat_alloc_output_context2(&raw, nil, container.muxer, url), "avformat_alloc_output_context2")
        guard let raw else { throw .outOfMemory }
        let file = OutputFile(raw: raw, path: absolute, container: container, interrupt: context.interrupt)
        // No times of day, no names of programs.
        raw.pointee.flags |= AVFMT_FLAG_BITEXACT
        // How long before its time a picture may arrive at the decoder's buffer.
        if container == .mpegTS { raw.pointee.max_delay = 700_000 }
        raw.pointee.interrupt_callback = context.interrupt.callback
        var callback = context.interrupt.callback
        var options = try LibraryDictionary(["protocol_whitelist": "file"])
        let code = avio_open2(&raw.pointee.pb, url, AVIO_FLAG_WRITE, &callback, &options.raw)
        if code < 0 { throw file.failure(code, "avio_open2") }
        return file
    }

    /// Adds the picture.
    ///
    /// - Parameter timecode: address of the first frame; nil for none.
    func addVideo(_ parameters: StreamParameters, timecode: String?, language: String?) throws(MediaError) -> Int {
        let stream = try addStream()
        guard let codec = stream.pointee.codecpar, let descriptor = avcodec_descriptor_get_by_name(parameters.codecName) else {
            throw .unsupported(.codec(parameters.codecName))
        }
        guard let timebase = parameters.timebase.library, let rate = parameters.frameRate.library,
            let ratio = parameters.sampleAspectRatio.library
        else { throw .unsupported(.encoding("a timebase, frame rate or sample aspect ratio with large terms")) }
        codec.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        codec.pointee.codec_id = descriptor.pointee.id
        // Tags belong to ISO files; the others name codecs in their own way.
        if container.isISO {
            switch descriptor.pointee.id {
            case AV_CODEC_ID_HEVC: codec.pointee.codec_tag = tag("hvc1")
            case AV_CODEC_ID_H264:
                // By size, rate and samples alone the muxer takes 4:2:2 with 10 bits for AVC-Intra, and leaves the header out.
                codec.pointee.codec_tag = tag("avc1")
                raw.pointee.strict_std_compliance = min(raw.pointee.strict_std_compliance, FF_COMPLIANCE_UNOFFICIAL)
            default: codec.pointee.codec_tag = parameters.codecTag
            }
        }
        codec.pointee.format = try parameters.layout.format.library().rawValue
        codec.pointee.width = Int32(parameters.layout.size.width)
        codec.pointee.height = Int32(parameters.layout.size.height)
        codec.pointee.profile = Int32(parameters.profile)
        codec.pointee.level = Int32(parameters.level)
        codec.pointee.bit_rate = Int64(parameters.bitrate ?? 0)
        codec.pointee.sample_aspect_ratio = ratio
        codec.pointee.field_order = container.isISO ? parameters.fieldOrder.interleaved : parameters.fieldOrder.library
        codec.pointee.color_primaries = parameters.colorTags.libraryPrimaries
        codec.pointee.color_trc = parameters.colorTags.libraryTransfer
        codec.pointee.color_space = parameters.colorTags.libraryMatrix
        codec.pointee.color_range = parameters.colorTags.libraryRange
        codec.pointee.chroma_location = parameters.colorTags.librarySiting
        try setExtradata(codec, parameters.extradata)
        // Boxes for HDR metadata are made of what is attached before the header is written.
        try parameters.hdr.attach(to: stream)
        // The muxer of MXF takes the unit for the length of a frame.
        stream.pointee.time_base = container.interleavesWholeFrames ? AVRational(num: rate.den, den: rate.num) : timebase
        stream.pointee.avg_frame_rate = rate
        stream.pointee.r_frame_rate = rate
        stream.pointee.sample_aspect_ratio = ratio
        stream.pointee.disposition = AV_DISPOSITION_DEFAULT
        if let timecode { try check(av_dict_set(&stream.pointee.metadata, "timecode", timecode, 0), "av_dict_set") }
        if let language = LanguageCode.written(language, in: container) {
            try check(av_dict_set(&stream.pointee.metadata, "language", language, 0), "av_dict_set")
        }
        return Int(stream.pointee.index)
    }

    /// Adds a stream with the codec of another one, or with what `configure` makes of it.
    func addCopy(
        of source: UnsafeMutablePointer<AVStream>, configure: (UnsafeMutablePointer<AVCodecParameters>) throws(MediaError) -> Void
    ) throws(MediaError) -> Int {
        let stream = try addStream()
        guard let codec = stream.pointee.codecpar else { throw .outOfMemory }
        try check(avcodec_parameters_copy(codec, source.pointee.codecpar), "avcodec_parameters_copy")
        // Tags belong to containers: the muxer finds its own.
        codec.pointee.codec_tag = 0
        try configure(codec)
        // Its place in MP4 is settled, by its makers and by players; the library of FFmpeg 5.1 still asks for this.
        if codec.pointee.codec_id == AV_CODEC_ID_FLAC { raw.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL }
        stream.pointee.time_base = source.pointee.time_base
        stream.pointee.disposition = source.pointee.disposition
        let metadata = source.pointee.metadata
        if let language = LanguageCode.written(LibraryDictionary.value("language", in: metadata), in: container) {
            try check(av_dict_set(&stream.pointee.metadata, "language", language, 0), "av_dict_set")
        }
        if let title = LibraryDictionary.value("title", in: metadata) {
            try check(av_dict_set(&stream.pointee.metadata, "title", title, 0), "av_dict_set")
        }
        return Int(stream.pointee.index)
    }

    func addChapter(id: Int, start: Int64, end: Int64, timebase: AVRational, title: String?) throws(MediaError) {
        guard let chapter = remaster_add_chapter(raw) else { throw .outOfMemory }
        chapter.pointee.id = Int64(id)
        chapter.pointee.time_base = timebase
        chapter.pointee.start = start
        chapter.pointee.end = end
        if let title { try check(av_dict_set(&chapter.pointee.metadata, "title", title, 0), "av_dict_set") }
    }

    func setMetadata(_ key: String, _ value: String) throws(MediaError) {
        try check(av_dict_set(&raw.pointee.metadata, key, value, 0), "av_dict_set")
    }

    /// - Parameter movieTimescale: ticks a second in which edit lists of the whole file count.
    func writeHeader(movieTimescale: Int32) throws(MediaError) {
        var options = LibraryDictionary()
        if container.isISO {
            // The index goes before the pictures, so that playing can begin before the whole file is there.
            options = try LibraryDictionary([
                "movflags": "+faststart+write_colr", "movie_timescale": "\(movieTimescale)",
                "write_tmcd": container.isQuickTime ? "1" : "0",
            ])
        }
        let code = avformat_write_header(raw, &options.raw)
        if code < 0 { throw failure(code, "avformat_write_header") }
    }

    /// Unit of the packets of a stream, settled by the header.
    func timebase(_ stream: Int) -> AVRational { remaster_stream(raw, UInt32(stream)).pointee.time_base }

    /// Writes a packet, its times in the stream's timebase; the packet is empty afterwards.
    func write(_ packet: borrowing Packet, stream: Int) throws(MediaError) {
        try interrupt.check()
        packet.raw.pointee.stream_index = Int32(stream)
        packet.raw.pointee.pos = -1
        let code = av_interleaved_write_frame(raw, packet.raw)
        if code < 0 { throw failure(code, "av_interleaved_write_frame") }
    }

    /// Completes the file and waits until the disk has it. Gives its size.
    consuming func finish() throws(MediaError) -> Int64 {
        var code = av_write_trailer(raw)
        let languages = packedLanguages
        if code < 0 { throw failure(code, "av_write_trailer") }
        code = avio_closep(&raw.pointee.pb)
        if code < 0 { throw failure(code, "avio_close") }
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        if container.isQuickTime, !languages.isEmpty {
            guard fstat(descriptor, &status) == 0, LanguageCode.write(languages, to: descriptor, size: Int(status.st_size)) else {
                throw .unwritable(path: path, errno: errno)
            }
        }
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw .unwritable(path: path, errno: errno) }
        return Int64(status.st_size)
    }

    /// Of each track, by its number: tracks are numbered as streams are, from 1.
    private var packedLanguages: [UInt32: UInt16] {
        var codes: [UInt32: UInt16] = [:]
        for index in 0..<raw.pointee.nb_streams {
            codes[index + 1] = LibraryDictionary.value("language", in: remaster_stream(raw, index).pointee.metadata)
                .flatMap { LanguageCode.packed($0) }
        }
        return codes
    }

    private func addStream() throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        guard let stream = avformat_new_stream(raw, nil) else { throw .outOfMemory }
        return stream
    }

    private func tag(_ text: StaticString) -> UInt32 { text.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } } }

    /// Codes below 0 that are errors of the system concern the file; the rest are the library's own.
    private func failure(_ code: Int32, _ operation: StaticString) -> MediaError {
        do throws(MediaError) { try check(code, operation, interrupt: interrupt) } catch {
            if case .failed = error, (-200...(-1)).contains(code), code != -EINVAL { return .unwritable(path: path, errno: -code) }
            return error
        }
        return .failed(operation: "\(operation)", code: code, message: describe(code))
    }
}

/// Gives codec parameters a copy of `bytes` as their header, with the zeros behind it that parsers rely on.
func setExtradata(_ codec: UnsafeMutablePointer<AVCodecParameters>, _ bytes: [UInt8]) throws(MediaError) {
    av_freep(&codec.pointee.extradata)
    codec.pointee.extradata_size = 0
    guard !bytes.isEmpty else { return }
    guard let copy = av_mallocz(bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else { throw .outOfMemory }
    UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyBytes(from: bytes)
    codec.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
    codec.pointee.extradata_size = Int32(bytes.count)
}
