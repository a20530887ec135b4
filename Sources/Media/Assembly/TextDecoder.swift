import CLibAV

/// Words, and when they are shown.
struct TimedText {
    let words: String
    /// In the unit that was asked for.
    let start: Int64
    let duration: Int64
}

/// Owner of one decoder of textual subtitles.
///
/// Most decoders give the words of a packet with that packet, whose time and length are theirs. The one of CEA-608, where a caption
/// stays until a later code takes it off the screen, gives its words with the packet of that code, and tells itself since when and for
/// how long they were shown.
final class TextDecoder {
    private let raw: UnsafeMutablePointer<AVCodecContext>
    /// Whether the codec is CEA-608, whose words come with a later packet than their own.
    private let isCaptions: Bool
    /// The field that the captions are of, 0 or 1, as the library takes it: that of the first pair.
    private var field: UInt8?
    /// Latest time of a packet, in the stream's unit.
    private var latest = Int64.min

    private static var microseconds: AVRational { AVRational(num: 1, den: 1_000_000) }
    private static var milliseconds: AVRational { AVRational(num: 1, den: 1000) }
    /// Nothing true is as far away or as long, in any unit; what is nearer can be added without overflow.
    private static let farthest: UInt64 = 1 << 60

    private init(raw: UnsafeMutablePointer<AVCodecContext>, isCaptions: Bool) {
        self.raw = raw
        self.isCaptions = isCaptions
    }

    deinit {
        var raw: UnsafeMutablePointer<AVCodecContext>? = raw
        avcodec_free_context(&raw)
    }

    static func open(_ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) -> TextDecoder {
        let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
        guard let codec, let raw = avcodec_alloc_context3(codec) else { throw .outOfMemory }
        let decoder = TextDecoder(raw: raw, isCaptions: codec.pointee.id == AV_CODEC_ID_EIA_608)
        try check(avcodec_parameters_to_context(raw, stream.pointee.codecpar), "avcodec_parameters_to_context")
        raw.pointee.pkt_timebase = stream.pointee.time_base
        guard avcodec_open2(raw, codec, nil) >= 0 else { throw .unsupported(.codec(text(codec.pointee.name) ?? "unknown")) }
        return decoder
    }

    /// The plain words that come with a packet, in the order they are shown; none where nobody knows their time.
    func texts(of packet: borrowing Packet, in unit: AVRational) throws(MediaError) -> [TimedText] {
        if let time = packet.presentationTime { latest = max(latest, time) }
        guard isCaptions else { return decode(packet, in: unit).map { [$0] } ?? [] }
        // One code at a time: it ends one caption at most, and the library has one time for all that a packet gives.
        let bytes = packet.withBytes { [UInt8]($0) }
        var texts: [TimedText] = []
        for start in stride(from: 0, to: bytes.count - 2, by: 3) {
            if field == nil { field = bytes[start] & 1 }
            if let text = try decode(code: Array(bytes[start..<start + 3]), at: packet.raw.pointee.pts, in: unit) { texts.append(text) }
        }
        return texts
    }

    /// The caption that nothing takes off the screen: it stays to the end. Nil for none, and for other kinds of text.
    ///
    /// - Parameter end: in the stream's unit.
    func rest(endingAt end: Int64, in unit: AVRational) throws(MediaError) -> TimedText? {
        // The library's own way to drain gives such a caption the length of the one before it, and none in roll-up style.
        guard let field else { return nil }
        return try decode(code: [Self.validPair | field] + Self.eraseDisplayedMemory, at: max(end, latest), in: unit)
    }

    /// Marker bits and `cc_valid` in front of a pair of bytes (CTA-708-E 4.4, `cc_data`); the lowest bit is the field.
    private static let validPair: UInt8 = 0xFC
    /// The code EDM of CTA-608-E, with odd parity.
    private static let eraseDisplayedMemory: [UInt8] = [0x94, 0x2C]

    private func decode(code: [UInt8], at time: Int64, in unit: AVRational) throws(MediaError) -> TimedText? {
        let packet = try Packet.copying(code)
        packet.raw.pointee.pts = time
        return decode(packet, in: unit)
    }

    private func decode(_ packet: borrowing Packet, in unit: AVRational) -> TimedText? {
        var subtitle = AVSubtitle()
        var got: Int32 = 0
        guard avcodec_decode_subtitle2(raw, &subtitle, &got, packet.raw) >= 0, got != 0 else { return nil }
        defer { avsubtitle_free(&subtitle) }
        guard let shown = time(of: subtitle, packet, in: unit) else { return nil }
        guard shown.start.magnitude < Self.farthest, shown.duration.magnitude < Self.farthest else { return nil }
        let lines = Self.lines(of: subtitle)
        return lines.isEmpty ? nil : TimedText(words: lines.joined(separator: "\n"), start: shown.start, duration: shown.duration)
    }

    private func time(
        of subtitle: AVSubtitle, _ packet: borrowing Packet, in unit: AVRational
    ) -> (start: Int64, duration: Int64)? {
        guard let own = packet.presentationTime else { return nil }
        let timebase = raw.pointee.pkt_timebase
        // All bits set, and what is as good as that, is the library's "until something else comes".
        let display = subtitle.end_display_time <= UInt32(Int32.max) ? Int64(subtitle.end_display_time) : 0
        guard isCaptions else {
            let length = packet.duration > 0 ? (packet.duration, timebase) : (display, Self.milliseconds)
            return (av_rescale_q(own, timebase, unit), av_rescale_q(length.0, length.1, unit))
        }
        let now = av_rescale_q(own, timebase, Self.microseconds)
        // What comes and goes with one packet is never seen.
        guard let since = timestamp(subtitle.pts), since < now else { return nil }
        guard since.magnitude < Self.farthest, now.magnitude < Self.farthest else { return nil }
        let start = av_rescale_q(since, Self.microseconds, unit)
        // Milliseconds are coarser than the packet's own time, which is where the next caption may begin.
        let until = since + display * 1000
        let end = abs(until - now) <= 1000 ? av_rescale_q(own, timebase, unit) : av_rescale_q(until, Self.microseconds, unit)
        guard start.magnitude < Self.farthest, end.magnitude < Self.farthest else { return nil }
        return (start, end - start)
    }

    private static func lines(of subtitle: AVSubtitle) -> [String] {
        (0..<Int(subtitle.num_rects)).compactMap { index in
            guard let rect = subtitle.rects[index]?.pointee else { return nil }
            return text(rect.ass).map { DialogueText.plain($0) } ?? text(rect.text)
        }
    }
}
