import CLibAV

/// One pass of demuxer and decoder from a keyframe on.
struct DecodingRun: ~Copyable {
    private let file: InputFile
    private let decoder: Decoder
    private let packet: Packet
    private let index: FrameIndex
    /// Number of the packet that is read next.
    private var number: Int
    /// Whether `packet` holds the first packet to decode, found while seeking.
    private var holdsFirst: Bool
    private var sawFailure = false
    /// Whether `packet` waits until the decoder has given everything before it: it would lose a picture otherwise.
    private var holdsRestart = false
    private var hasSent = false

    /// How a search for a frame ends.
    enum Outcome: ~Copyable {
        case frame(DecodedFrame)
        /// The decoder is past the frame, or the file at its end: the frame will not come. With the look of the picture that
        /// came in its place; nil for none.
        case passed(MediaError, PictureLook?)
    }

    /// - Parameter start: where to begin; nil for the start of the file.
    init(path: String, index: FrameIndex, start: FrameIndex.Key?, threads: Int, context: MediaContext) throws(MediaError) {
        let file = try InputFile.open(path, context: context)
        guard index.streamIndex < file.streamCount else { throw .indexMismatch(afterFrame: -1) }
        let stream = index.streamIndex
        file.select { $0 == stream }
        let decoder = try Decoder.open(file.stream(stream), threads: threads, context: context)
        let packet = try Packet.allocate()
        let found = if let start { try Self.find(start, stream: stream, file, packet) } else { false }
        if start != nil, !found {
            // The seek went past the keyframe: reading from the start finds every packet.
            self.init(
                file: try InputFile.open(path, context: context), decoder: decoder, packet: packet, index: index, number: 0,
                holdsFirst: false)
            self.file.select { $0 == stream }
        } else {
            self.init(
                file: file, decoder: decoder, packet: packet, index: index, number: found ? Int(start?.packet ?? 0) : 0, holdsFirst: found)
        }
    }

    private init(
        file: consuming InputFile, decoder: consuming Decoder, packet: consuming Packet, index: FrameIndex, number: Int, holdsFirst: Bool
    ) {
        self.file = file
        self.decoder = decoder
        self.packet = packet
        self.index = index
        self.number = number
        self.holdsFirst = holdsFirst
    }

    /// Seeks and reads up to the packet that is the keyframe; false when it does not come within the next ones.
    private static func find(
        _ key: FrameIndex.Key, stream: Int, _ file: borrowing InputFile, _ packet: borrowing Packet
    ) throws(MediaError) -> Bool {
        // Containers seek by decode time or by presentation time: the earlier of the two is early enough for both.
        guard let time = [key.decodeTime, key.presentationTime].compactMap({ $0 }).min() else { return false }
        guard try file.seek(stream: stream, to: time) else { return false }
        var passed = 0
        while passed < 1024, try file.read(into: packet) {
            guard Int(packet.raw.pointee.stream_index) == stream else { continue }
            passed += 1
            let sameTime = key.presentationTime.map { $0 == packet.presentationTime } ?? (key.decodeTime == packet.decodeTime)
            if sameTime, packet.isKeyframe, packet.raw.pointee.size == key.byteCount { return true }
            if let wanted = key.presentationTime, let seen = packet.presentationTime, packet.isKeyframe, seen > wanted { return false }
        }
        return false
    }

    /// Decodes on until frame `wanted` comes, dropping the frames before it.
    mutating func next(frame wanted: Int, frameOfPacket: [Int32]) throws(MediaError) -> Outcome {
        while true {
            switch try decoder.receive() {
            case .frame(let frame):
                guard let marked = frame.number, marked >= 0, marked < frameOfPacket.count else { continue }
                let found = Int(frameOfPacket[Int(marked)])
                if found < wanted { continue }
                if found > wanted {
                    return .passed(sawFailure ? .corruptFrame(wanted) : .missingFrame(wanted), PictureLook(frame))
                }
                if frame.isDamaged { return .passed(.corruptFrame(wanted), nil) }
                return .frame(frame)
            case .failed: sawFailure = true
            case .endOfStream where holdsRestart:
                holdsRestart = false
                decoder.flush()
                try send()
            case .endOfStream: return .passed(sawFailure ? .corruptFrame(wanted) : .missingFrame(wanted), nil)
            case .needsInput: try feed(lastAgreed: wanted - 1)
            }
        }
    }

    private mutating func feed(lastAgreed: Int) throws(MediaError) {
        if holdsFirst {
            holdsFirst = false
        } else {
            var found = false
            while !found, try file.read(into: packet) { found = Int(packet.raw.pointee.stream_index) == index.streamIndex }
            guard found else {
                decoder.sendEnd()
                return
            }
        }
        guard number < index.packetCount else { throw .indexMismatch(afterFrame: lastAgreed) }
        if !index.agrees(packet, number: number) { throw .indexMismatch(afterFrame: lastAgreed) }
        // What stands before the first keyframe cannot be decoded, and would only lead the decoder astray.
        guard number >= index.firstPacket else {
            number += 1
            return
        }
        if hasSent, index.restartsDecoder(at: number) {
            holdsRestart = true
            decoder.sendEnd()
        } else {
            try send()
        }
    }

    private mutating func send() throws(MediaError) {
        hasSent = true
        if try !decoder.send(packet, number: Int64(number)) { sawFailure = true }
        number += 1
    }

    /// What the stream is by one of its pictures.
    func stream(by picture: borrowing DecodedFrame) throws(MediaError) -> VideoStream {
        let stream = index.streamIndex
        let facts = MediaProbe.Picture(picture, decoder, dolbyVision: DolbyVision(file.stream(stream), picture: picture))
        return try VideoStream(file: file, index: stream, picture: facts)
    }
}

extension FrameIndex {
    /// Number of the first packet that can be decoded.
    var firstPacket: Int { Int(keys.first?.packet ?? 0) }

    /// Whether a packet can be the one with this number: keyframes are compared by what the scan saw of them.
    func agrees(_ packet: borrowing Packet, number: Int) -> Bool {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(keys[middle].packet) < number { low = middle + 1 } else { high = middle }
        }
        guard low < keys.count, Int(keys[low].packet) == number else { return true }
        return keys[low].byteCount == packet.raw.pointee.size
    }
}
