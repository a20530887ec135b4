import CLibAV
import Primitives

/// Reads what goes into the rendition beside the picture, cut to the window, in the rendition's time.
///
/// Sound keeps its place against the picture to the sample. Uncompressed sound is cut exactly. Packets of a codec are
/// kept whole: at the start together with those before it that the decoder needs to run in, all of which an edit list
/// hides to the sample; at the end up to and with the one that reaches over it, less than one packet too long.
final class PassthroughReader {
    private let file: InputFile
    private let packet: Packet
    private let window: TrimWindow
    private var routes: [Int: PassthroughRoute] = [:]
    private let ready = PacketQueue()
    /// Nothing of the source is left; routes may still have something to add.
    private var isSourceRead = false
    private var hasEnded = false
    /// Packets in a row that lie behind everything that is wanted.
    private var pastPackets = 0

    /// How far before the range reading begins: no packet of sound or text that matters begins earlier.
    private static let runIn = 30.0
    /// How far behind the range sparse streams are waited for.
    private static let runOut = 10.0

    /// Opens the routes; each adds its stream to `output`, whose header is not yet written.
    init(_ file: consuming InputFile, plan: PassthroughPlan, window: TrimWindow, output: borrowing OutputFile) throws(MediaError) {
        packet = try Packet.allocate()
        for route in plan.routes {
            let stream = file.stream(route.source)
            routes[route.source] = try PassthroughRoute.open(route.treatment, stream, output: output, context: file.context)
        }
        let wanted = Set(routes.keys)
        file.select { wanted.contains($0) }
        self.file = file
        self.window = window
    }

    /// Settles units, once the header of the output is written, and goes to where the range begins.
    ///
    /// - Parameters:
    ///   - picture: stream of the source.
    ///   - length: of the rendition's picture.
    func start(_ output: borrowing OutputFile, picture: Int, length: MediaTime) throws(MediaError) {
        for route in routes.values { route.start(window: window, picture: length, unit: output.timebase(route.output)) }
        guard !routes.isEmpty else {
            hasEnded = true
            return
        }
        let start = window.firstFrame - Int64(Self.runIn / window.timebase.double)
        // Where nothing can be found by its time, everything before the range is read.
        if window.isTrimmedAtStart, start > 0, try !file.seek(stream: picture, to: start) { try file.rewind() }
    }

    /// Stream and decode time of the next packet, in the stream's timebase; nil at the end.
    func peek() throws(MediaError) -> (stream: Int, decodeTime: Int64)? {
        while ready.isEmpty, !hasEnded { try readMore() }
        return ready.first
    }

    func next() -> Packet? { ready.removeFirst() }

    /// By stream of the source, what is to be said of its sound; known once everything is read.
    var soundFindings: [Int: SoundFindings] { routes.compactMapValues(\.soundFindings) }

    private func readMore() throws(MediaError) {
        guard !isSourceRead else {
            var isMore = false
            for source in routes.keys.sorted() where try routes[source]?.fill(into: ready) ?? false { isMore = true }
            hasEnded = !isMore
            return
        }
        guard try file.read(into: packet), !isPastTwice(packet) else {
            isSourceRead = true
            for source in routes.keys.sorted() { try routes[source]?.finish(into: ready) }
            return
        }
        try routes[Int(packet.raw.pointee.stream_index)]?.take(packet, into: ready)
    }

    /// Whether nothing that is read from here on can belong to the range. One packet alone may have a wrong time.
    private func isPastTwice(_ packet: borrowing Packet) -> Bool {
        pastPackets = isPast(packet) ? pastPackets + 1 : 0
        return pastPackets > 1
    }

    private func isPast(_ packet: borrowing Packet) -> Bool {
        guard let end = window.end, let time = packet.decodeTime ?? packet.presentationTime,
            let unit = Rational(file.stream(Int(packet.raw.pointee.stream_index)).pointee.time_base)
        else { return false }
        return MediaTime(time, unit).seconds > MediaTime(end, window.timebase).seconds + Self.runOut
    }
}

/// What happens to the packets of one stream.
class PassthroughRoute {
    /// Stream of the output.
    let output: Int

    init(output: Int) { self.output = output }

    /// What the source's sound is not; nil for other streams.
    var soundFindings: SoundFindings? { nil }

    /// Told once, when the output's unit is settled and before the first packet.
    ///
    /// - Parameter picture: length of the rendition's picture.
    func start(window: TrimWindow, picture: MediaTime, unit: AVRational) {}
    func take(_ packet: borrowing Packet, into ready: PacketQueue) throws(MediaError) {}
    func finish(into ready: PacketQueue) throws(MediaError) {}
    /// Adds a little of what must follow after the source's end; false when there is no more.
    func fill(into ready: PacketQueue) throws(MediaError) -> Bool { false }

    static func open(
        _ treatment: PassthroughPlan.Treatment, _ stream: UnsafeMutablePointer<AVStream>, output: borrowing OutputFile,
        context: MediaContext
    ) throws(MediaError) -> PassthroughRoute {
        switch treatment {
        case .copy where stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO:
            try CopiedSound(stream, output: output, context: context)
        case .copy: try CopiedText(stream, output: output)
        case .audio(let target): try ConvertedSound(stream, target: target, output: output, context: context)
        case .text: try RewrittenText(stream, output: output, context: context)
        }
    }
}
