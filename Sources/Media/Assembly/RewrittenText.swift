import CLibAV
import Primitives

/// Subtitles of any textual kind, rewritten as timed text of the ISO family (3GPP TS 26.245): the words and their time
/// stay, their styling does not.
final class RewrittenText: PassthroughRoute {
    private let source: UnsafeMutablePointer<AVStream>
    private let decoder: TextDecoder
    private var clip = TextClip()
    /// Where the rendition's picture ends, in the source's unit.
    private var end: Int64 = 0
    /// Texts may not overlap in one track: the later one ends the earlier.
    private var waiting: (text: String, shown: Range<Int64>)?

    init(_ stream: UnsafeMutablePointer<AVStream>, output: borrowing OutputFile, context: MediaContext) throws(MediaError) {
        source = stream
        decoder = try TextDecoder.open(stream)
        super.init(
            output: try output.addCopy(of: stream) { codec throws(MediaError) in
                codec.pointee.codec_id = AV_CODEC_ID_MOV_TEXT
                codec.pointee.bit_rate = 0
                try setExtradata(codec, Self.sampleDescription)
            })
    }

    override func start(window: TrimWindow, picture: MediaTime, unit: AVRational) {
        clip = TextClip(window: window, unit: unit)
        let timebase = source.pointee.time_base
        guard let ticks = Rational(timebase) else { return }
        end = window.origin(in: timebase) + window.pictureDelay(in: timebase) + picture.rescaled(to: ticks).value
    }

    override func take(_ packet: borrowing Packet, into ready: PacketQueue) throws(MediaError) {
        for text in try decoder.texts(of: packet, in: clip.unit) { try place(text, into: ready) }
    }

    override func finish(into ready: PacketQueue) throws(MediaError) {
        if let text = try decoder.rest(endingAt: end, in: clip.unit) { try place(text, into: ready) }
        if let waiting { try emit(waiting.text, waiting.shown, into: ready) }
        waiting = nil
    }

    private func place(_ text: TimedText, into ready: PacketQueue) throws(MediaError) {
        guard !text.words.isEmpty, let shown = clip.place(text.start, text.duration) else { return }
        if let earlier = waiting {
            if shown.lowerBound <= earlier.shown.lowerBound {
                // Two at once become one of several lines.
                let end = max(earlier.shown.upperBound, shown.upperBound)
                waiting = (earlier.text + "\n" + text.words, earlier.shown.lowerBound..<end)
                return
            }
            try emit(earlier.text, earlier.shown.clamped(to: earlier.shown.lowerBound..<shown.lowerBound), into: ready)
        }
        waiting = (text.words, shown)
    }

    private func emit(_ words: String, _ shown: Range<Int64>, into ready: PacketQueue) throws(MediaError) {
        let bytes = Array(words.clipped(to: Int(UInt16.max)).utf8)
        let packet = try Packet.copying([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes)
        packet.raw.pointee.pts = shown.lowerBound
        packet.raw.pointee.dts = shown.lowerBound
        packet.raw.pointee.duration = Int64(shown.count)
        packet.raw.pointee.flags |= AV_PKT_FLAG_KEY
        ready.append(packet, stream: output)
    }

    /// The rest of a `tx3g` sample entry (TS 26.245 5.16): white on nothing, at the bottom, in the middle.
    private static let sampleDescription: [UInt8] = {
        var bytes: [UInt8] = [0, 0, 0, 0]  // display flags
        bytes += [1, 0xFF]  // centered, bottom
        bytes += [0, 0, 0, 0]  // background color
        bytes += [UInt8](repeating: 0, count: 8)  // text box: the player's own
        bytes += [0, 0, 0, 0, 0, 1, 0, 16, 0xFF, 0xFF, 0xFF, 0xFF]  // style: all characters, font 1, plain, size 16, white
        let name = Array("Arial".utf8)
        let table: [UInt8] = Array("ftab".utf8) + [0, 1, 0, 1, UInt8(name.count)] + name
        return bytes + [0, 0, 0, UInt8(table.count + 4)] + table
    }()
}

/// The words in a dialogue line of the library's common subtitle form: eight fields, then text with `{…}` for styling,
/// `\N` and `\n` for line breaks, `\h` for a hard space.
enum DialogueText {
    static func plain(_ line: String) -> String {
        let fields = line.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false)
        var rest = Substring(fields.count == 9 ? fields[8] : line[...])
        var plain = ""
        while let character = rest.popFirst() {
            if character == "{", let end = rest.firstIndex(of: "}") {
                rest = rest[rest.index(after: end)...]
            } else if character == "\\", let next = rest.first, "Nnh".contains(next) {
                rest.removeFirst()
                plain.append(next == "h" ? " " : "\n")
            } else if character != "\r" {
                plain.append(character == "\r\n" ? "\n" : character)
            }
        }
        return plain
    }
}
