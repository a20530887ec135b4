import CLibAV
import Foundation
import Primitives

/// Unique owner of one file that is open for demuxing, with everything an untrusted file could reach closed off.
///
/// Only the `file` protocol, only containers on the list below (none of which refers to other files), bounded probing,
/// bounded streams, and a way to end every blocking call.
struct InputFile: ~Copyable {
    let raw: UnsafeMutablePointer<AVFormatContext>
    /// Held because the library polls it through an unretained pointer.
    let context: MediaContext
    let path: String

    /// Demuxers that read one self-contained file of moving pictures.
    static let containers = "mov,matroska,webm,avi,mpegts,mpeg,mxf,flv,asf,ogg,dv,gxf,nut,ivf,yuv4mpegpipe"

    private init(raw: UnsafeMutablePointer<AVFormatContext>, context: MediaContext, path: String) {
        self.raw = raw
        self.context = context
        self.path = path
    }

    deinit {
        var raw: UnsafeMutablePointer<AVFormatContext>? = raw
        avformat_close_input(&raw)
    }

    /// Opens a file and finds its streams.
    static func open(_ path: String, context: MediaContext) throws(MediaError) -> InputFile {
        try context.interrupt.check()
        try requireReadable(path)
        // An absolute path behind an explicit scheme: no name of a file is ever taken for a URL.
        let url = "file:" + (path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
        let format = try probe(url, context: context)
        let name = text(format.pointee.name) ?? ""
        let accepted = containers.split(separator: ",").map(String.init)
        guard name.split(separator: ",").contains(where: { accepted.contains(String($0)) }) else { throw .unsupported(.container(name)) }

        guard let allocated = avformat_alloc_context() else { throw .outOfMemory }
        allocated.pointee.interrupt_callback = context.interrupt.callback
        var raw: UnsafeMutablePointer<AVFormatContext>? = allocated
        var options = try LibraryDictionary([
            "protocol_whitelist": "file", "format_whitelist": containers, "max_streams": "\(context.limits.streams)",
            "probesize": "\(context.limits.probeBytes)", "analyzeduration": "10000000",
        ])
        let opened = avformat_open_input(&raw, url, format, &options.raw)
        guard opened >= 0, let raw else {
            try context.interrupt.check()
            // Tables that claim more entries than could be counted end as want of memory too: what the file asks for is wrong.
            throw .damagedContainer(name: name)
        }
        let file = InputFile(raw: raw, context: context, path: path)
        try context.limits.require(.streams, Int64(raw.pointee.nb_streams))
        try context.limits.require(.chapters, Int64(raw.pointee.nb_chapters))
        try file.findStreams()
        return file
    }

    private static func requireReadable(_ path: String) throws(MediaError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, errno: EINVAL) }
        guard status.st_size > 0 else { throw .empty }
    }

    /// Which container the file begins like.
    private static func probe(_ url: String, context: MediaContext) throws(MediaError) -> UnsafePointer<AVInputFormat> {
        var input: UnsafeMutablePointer<AVIOContext>?
        var callback = context.interrupt.callback
        var options = try LibraryDictionary(["protocol_whitelist": "file"])
        try check(avio_open2(&input, url, AVIO_FLAG_READ, &callback, &options.raw), "avio_open2", interrupt: context.interrupt)
        defer { avio_closep(&input) }
        var format: UnsafePointer<AVInputFormat>?
        let score = av_probe_input_buffer2(input, &format, url, nil, 0, 1 << 20)
        try context.interrupt.check()
        guard score >= 0, let format else { throw .notMedia }
        // Text is taken for one of many subtitle and playlist formats; none of them is a video.
        guard score > AVPROBE_SCORE_MAX / 20 else { throw .notMedia }
        return format
    }

    private func findStreams() throws(MediaError) {
        let count = Int(raw.pointee.nb_streams)
        for index in 0..<count {
            let parameters = remaster_stream(raw, UInt32(index)).pointee.codecpar.pointee
            try context.limits.require(width: Int(parameters.width), height: Int(parameters.height))
        }
        // One set of options for each stream that is known by now: the codecs that look into it obey the same bounds.
        var options = [OpaquePointer?](repeating: nil, count: count)
        defer { for index in options.indices { av_dict_free(&options[index]) } }
        for index in options.indices {
            try check(av_dict_set(&options[index], "max_pixels", "\(context.limits.pixels)", 0), "av_dict_set")
            try check(av_dict_set(&options[index], "threads", "1", 0), "av_dict_set")
        }
        let code = options.withUnsafeMutableBufferPointer { avformat_find_stream_info(raw, $0.baseAddress) }
        try check(code, "avformat_find_stream_info", interrupt: context.interrupt)
        try context.limits.require(.streams, Int64(raw.pointee.nb_streams))
        for index in 0..<raw.pointee.nb_streams {
            let parameters = remaster_stream(raw, index).pointee.codecpar.pointee
            try context.limits.require(width: Int(parameters.width), height: Int(parameters.height))
        }
        if let duration = timestamp(raw.pointee.duration) { try context.limits.require(.milliseconds, duration / 1000) }
    }

    var streamCount: Int { Int(raw.pointee.nb_streams) }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> { remaster_stream(raw, UInt32(index)) }

    /// The stream that is the video: the default one, then the largest, then the first. Cover pictures do not count.
    func videoStream() throws(MediaError) -> Int {
        var best: (index: Int, rank: (Int, Int))?
        for index in 0..<streamCount where isMovingPicture(index) {
            let stream = stream(index).pointee
            let isDefault = stream.disposition & AV_DISPOSITION_DEFAULT != 0 ? 1 : 0
            let rank = (isDefault, Int(stream.codecpar.pointee.width) * Int(stream.codecpar.pointee.height))
            if let found = best, found.rank >= rank { continue }
            best = (index, rank)
        }
        guard let best else { throw .noVideoStream }
        return best.index
    }

    /// Whether a stream is video and not a cover, a still or a strip of thumbnails.
    func isMovingPicture(_ index: Int) -> Bool {
        let stream = stream(index).pointee
        let still = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE
        return stream.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO && stream.disposition & still == 0
    }

    /// Has the demuxer skip the packets of every stream that `wanted` does not name.
    func select(_ wanted: (Int) -> Bool) {
        for index in 0..<streamCount { stream(index).pointee.discard = wanted(index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL }
    }

    /// Reads the next packet of the selected streams; false at the end of the file. Its times are within `TimeBounds`.
    func read(into packet: borrowing Packet) throws(MediaError) -> Bool {
        try context.interrupt.check()
        packet.reset()
        let code = av_read_frame(raw, packet.raw)
        if code == remaster_error_end_of_file { return false }
        // A demuxer that stumbles over broken bytes at the end of a file has come to the end; the index counts the loss.
        if code == remaster_error_invalid_data { return false }
        try check(code, "av_read_frame", interrupt: context.interrupt)
        try settleTimes(of: packet)
        return true
    }

    /// Refuses times of pictures that are out of bounds. Those of other streams count as missing, and so do lengths.
    private func settleTimes(of packet: borrowing Packet) throws(MediaError) {
        let index = Int(packet.raw.pointee.stream_index)
        let bounds = TimeBounds(Rational(stream(index).pointee.time_base) ?? Rational(1, 1))
        if !(0...bounds.largest).contains(packet.duration) { packet.raw.pointee.duration = 0 }
        let times = (packet.presentationTime ?? 0, packet.decodeTime ?? 0)
        guard !bounds.contains(times.0) || !bounds.contains(times.1) else { return }
        if isMovingPicture(index) {
            try bounds.require(times.0)
            try bounds.require(times.1)
        }
        (packet.raw.pointee.pts, packet.raw.pointee.dts) = (remaster_no_pts, remaster_no_pts)
    }

    /// Positions the file so that the next packets of `index` begin at or before `time`; false when it cannot, and the position is
    /// anywhere then.
    func seek(stream index: Int, to time: Int64) throws(MediaError) -> Bool {
        // Demuxers without an index look for packets of that stream, and find none to the end of the file where it is skipped.
        let stream = stream(index)
        let discard = stream.pointee.discard
        stream.pointee.discard = AVDISCARD_DEFAULT
        defer { stream.pointee.discard = discard }
        let code = av_seek_frame(raw, Int32(index), time, AVSEEK_FLAG_BACKWARD)
        try context.interrupt.check()
        return code >= 0
    }

    /// Positions the file at its beginning, by bytes where the format allows that.
    func rewind() throws(MediaError) {
        if av_seek_frame(raw, -1, 0, AVSEEK_FLAG_BYTE) >= 0 { return }
        try check(av_seek_frame(raw, -1, 0, AVSEEK_FLAG_BACKWARD), "av_seek_frame", interrupt: context.interrupt)
    }
}
