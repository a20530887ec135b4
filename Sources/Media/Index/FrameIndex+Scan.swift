import CLibAV
import Primitives

extension FrameIndex {
    /// Reads a whole file without decoding it, except where time stamps alone do not tell its frames apart.
    ///
    /// - Parameters:
    ///   - method: nil decides by what the file has; `.decoding` forces the slow and sure way.
    ///   - progress: called now and then with the share of the file that has been read, 0…1.
    /// - Throws: `truncated` when the file ends before what its container announces, `noFrames`, `unsupported` for
    ///   streams without any time stamps, with time that jumps back or out of `TimeBounds`, `limitExceeded`, and what
    ///   opening throws.
    package static func scan(
        _ path: String, method: Method? = nil, context: MediaContext, progress: (Double) -> Void = { _ in }
    ) throws(MediaError) -> FrameIndex {
        let file = try InputFile.open(path, context: context)
        let stream = try file.videoStream()
        var scan = PacketScan()
        try scan.run(file, stream: stream, progress: progress)
        let announcesEnd = try scan.requireWhole(file.stream(stream), path: path)
        guard !scan.packets.isEmpty else { throw .noFrames }
        let needsDecoding = scan.needsDecoding || method == .decoding
        let order = try needsDecoding ? decodedOrder(path, stream: stream, scan, context: context) : nil
        let head = try order == nil && scan.hasLeadingFrames ? decodableHead(path, stream: stream, scan, context: context) : nil
        let timebase = Rational(file.stream(stream).pointee.time_base) ?? Rational(1, 90_000)
        guard timebase.numerator > 0 else { throw .unsupported(.timestamps("timebase \(timebase)")) }
        let timeline = try FrameTimeline(
            scan: scan, order: order, decodableHead: head, timebase: timebase, limits: context.limits)
        let index = FrameIndex(
            timebase: timebase, streamIndex: stream, times: timeline.times, endTime: timeline.endTime, videoBytes: scan.byteCount,
            packetCount: scan.packets.count, method: order == nil ? .timestamps : .decoding, packets: timeline.packets, keys: scan.keys,
            changes: scan.changes)
        if announcesEnd { return index }
        let tail = RecordingTail(index, lastDecodeTime: scan.packets.suffix(2).map(\.decodeTime), hasFields: scan.hasFields)
        // Frames of a fixed size are filled up with what was there before.
        let isPadded = scan.byteCount > avio_size(file.raw.pointee.pb)
        let endsInPacket = scan.endsBroken || isPadded || TransportStreamEnd.isCut(file, stream: stream)
        var whole = try tail.withoutBrokenPictures(path, endsInPacket: endsInPacket, context: context)
        // The demuxer of Matroska gives nothing of a packet that is cut.
        if let last = scan.lastPosition, MatroskaEnd.cutsPicture(file, after: last) { whole.leftOut += 1 }
        return whole
    }

    /// Numbers of the packets that become frames, in presentation order, by decoding everything.
    private static func decodedOrder(_ path: String, stream: Int, _ scan: PacketScan, context: MediaContext) throws(MediaError) -> [Int32] {
        var order: [Int32] = []
        try decode(path, stream: stream, from: scan.keys.first?.packet ?? 0, scan, context: context) { number, _ in
            order.append(number)
            return true
        }
        return order
    }

    /// Which of the frames that are shown before the first keyframe, though stored after it, a decoder gives whole.
    private static func decodableHead(
        _ path: String, stream: Int, _ scan: PacketScan, context: MediaContext
    ) throws(MediaError) -> Set<Int32> {
        var found: Set<Int32> = []
        guard let first = scan.keys.first?.packet else { return found }
        try decode(path, stream: stream, from: first, scan, context: context) { number, isDamaged in
            if !isDamaged { found.insert(number) }
            return number != first
        }
        return found
    }

    /// Decodes from packet `first` on, numbering packets in file order, until `visit` returns false.
    private static func decode(
        _ path: String, stream: Int, from first: Int32, _ scan: PacketScan, context: MediaContext,
        visit: (_ number: Int32, _ isDamaged: Bool) -> Bool
    ) throws(MediaError) {
        let file = try InputFile.open(path, context: context)
        file.select { $0 == stream }
        var restarts = ArraySlice(scan.changes.filter(\.restartsDecoder).map(\.packet))
        var isEnding = false
        let decoder = try Decoder.open(file.stream(stream), threads: 0, context: context)
        let packet = try Packet.allocate()
        var next: Int64 = 0
        while true {
            switch try decoder.receive() {
            case .frame(let frame):
                guard let number = frame.number, scan.packets.indices.contains(Int(number)) else { continue }
                if !visit(Int32(number), frame.isDamaged) { return }
            case .failed: continue
            case .endOfStream:
                guard isEnding else { return }
                // The packet at hand is the first of what follows.
                isEnding = false
                decoder.flush()
                _ = try decoder.send(packet, number: next)
                next += 1
            case .needsInput:
                var found = false
                while !found, try file.read(into: packet) { found = Int(packet.raw.pointee.stream_index) == stream }
                guard found else {
                    decoder.sendEnd()
                    continue
                }
                if let restart = restarts.first, next >= Int64(restart) {
                    restarts.removeFirst()
                    if next > Int64(first) {
                        isEnding = true
                        decoder.sendEnd()
                        continue
                    }
                }
                if next >= Int64(first) { _ = try decoder.send(packet, number: next) }
                next += 1
            }
        }
    }
}

/// What the packets of a stream tell, in file order.
struct PacketScan {
    /// One packet.
    struct Entry {
        var presentationTime: Int64?
        var decodeTime: Int64?
        var duration: Int64
        /// Whether it becomes a frame: not cut off by an edit list, not an invisible reference.
        var isShown: Bool
    }

    private(set) var packets: [Entry] = []
    private(set) var keys: [FrameIndex.Key] = []
    private(set) var byteCount: Int64 = 0
    /// Whether packets and frames may not correspond, or packets lack time stamps.
    private(set) var needsDecoding = false
    /// Whether some packets are single fields.
    private(set) var hasFields = false
    private var lastDecodeTime: Int64?
    /// Whether the demuxer could only give part of the last packet.
    private(set) var endsBroken = false
    /// Where the headers begin to say something else.
    private(set) var changes: [HeaderChange] = []
    /// Where the bytes of the last packet stand in the file.
    private(set) var lastPosition: Int64?

    /// Whether frames are shown before the first keyframe: some decoders give them, some cannot.
    var hasLeadingFrames: Bool {
        guard let first = keys.first, let time = first.presentationTime else { return false }
        return packets.contains { $0.isShown && ($0.presentationTime ?? time) < time }
    }

    mutating func run(_ file: borrowing InputFile, stream: Int, progress: (Double) -> Void) throws(MediaError) {
        file.select { $0 == stream }
        let codec = file.stream(stream).pointee.codecpar.pointee.codec_id
        let parser = PictureStructure(file.stream(stream))
        var headers = HeaderWatch(file.stream(stream))
        let packet = try Packet.allocate()
        let size = Double(max(avio_size(file.raw.pointee.pb), 1))
        while try file.read(into: packet) {
            let raw = packet.raw.pointee
            guard Int(raw.stream_index) == stream else { continue }
            try file.context.limits.require(.frames, Int64(packets.count + 1))
            if packets.count % 256 == 0, raw.pos >= 0 { progress(min(Double(raw.pos) / size, 1)) }
            var isShown = raw.flags & AV_PKT_FLAG_DISCARD == 0
            // VP8, RFC 6386 section 9.1: bit 4 of the first byte is "show frame".
            if codec == AV_CODEC_ID_VP8, raw.size > 0, raw.data[0] & 0x10 == 0 { isShown = false }
            if packet.isKeyframe {
                keys.append(
                    FrameIndex.Key(
                        packet: Int32(packets.count), presentationTime: packet.presentationTime, decodeTime: packet.decodeTime,
                        byteCount: raw.size))
            }
            if isShown, packet.presentationTime == nil { needsDecoding = true }
            if parser.isField(packet) { (hasFields, needsDecoding) = (true, true) }
            // Time that runs backwards: sorting would shuffle what was played one after the other.
            if let time = packet.decodeTime {
                if let last = lastDecodeTime, time < last { needsDecoding = true }
                lastDecodeTime = time
            }
            packets.append(
                Entry(presentationTime: packet.presentationTime, decodeTime: packet.decodeTime, duration: packet.duration, isShown: isShown)
            )
            byteCount += Int64(raw.size)
            endsBroken = raw.flags & AV_PKT_FLAG_CORRUPT != 0
            lastPosition = raw.pos >= 0 ? raw.pos : nil
            if let restarts = headers.changes(at: packet) {
                changes.append(HeaderChange(packet: Int32(packets.count - 1), restartsDecoder: restarts))
            }
        }
        progress(1)
    }

    /// Throws when the container announces more than there is.
    ///
    /// - Returns: whether it announces anything; if not, only the pictures can tell whether the end is there.
    func requireWhole(_ stream: UnsafeMutablePointer<AVStream>, path: String) throws(MediaError) -> Bool {
        let sizes = AnnouncedSize.sizes(of: path)
        if let sizes, sizes.actual < sizes.announced { throw .truncated(framesFound: packets.count, framesExpected: nil) }
        let declared = Int(stream.pointee.nb_frames)
        // Containers with a table of all samples (ISO, MXF) cannot be short by accident. Two samples of slack: edit
        // lists may drop some, and the tables of some writers count one that they never wrote.
        let entries = Int(avformat_index_get_entries_count(stream))
        let hasTable = declared > 0 && entries >= declared - 2
        if hasTable, packets.count < min(declared, entries) - 2 {
            throw .truncated(framesFound: packets.count, framesExpected: declared)
        }
        if hasTable, endsBroken { throw .truncated(framesFound: max(packets.count - 1, 0), framesExpected: declared) }
        return hasTable || sizes != nil
    }
}

/// Tells pictures that are single fields: two of them make one frame, so packets cannot be counted.
private final class PictureStructure {
    private let parser: UnsafeMutablePointer<AVCodecParserContext>?
    private let codec: UnsafeMutablePointer<AVCodecContext>?

    /// Only H.264 gives the fields of a frame in packets of their own.
    init(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let parameters = stream.pointee.codecpar, parameters.pointee.codec_id == AV_CODEC_ID_H264,
            let codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264))
        else {
            (parser, self.codec) = (nil, nil)
            return
        }
        avcodec_parameters_to_context(codec, parameters)
        self.codec = codec
        parser = av_parser_init(Int32(AV_CODEC_ID_H264.rawValue))
        parser?.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    }

    deinit {
        if let parser { av_parser_close(parser) }
        var codec = codec
        avcodec_free_context(&codec)
    }

    func isField(_ packet: borrowing Packet) -> Bool {
        guard let parser, let codec else { return false }
        var output: UnsafeMutablePointer<UInt8>?
        var size: Int32 = 0
        let raw = packet.raw.pointee
        av_parser_parse2(parser, codec, &output, &size, raw.data, raw.size, raw.pts, raw.dts, raw.pos)
        return parser.pointee.picture_structure == AV_PICTURE_STRUCTURE_TOP_FIELD
            || parser.pointee.picture_structure == AV_PICTURE_STRUCTURE_BOTTOM_FIELD
    }
}
