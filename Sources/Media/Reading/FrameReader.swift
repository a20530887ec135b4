import CLibAV
package import Picture
package import Primitives

/// Decodes exactly the frames of a range, in presentation order.
///
/// Decoding begins at the last keyframe that is early enough. Each frame is recognised by the packet it is made of, and
/// packets are checked against the index, so a frame can be neither skipped nor shifted unnoticed. Where a stream
/// decodes only some way after a keyframe (open GOPs, gradual refresh), an earlier keyframe is tried before a frame
/// counts as missing. The frames do not depend on the number of threads or on where the range begins.
package final class FrameReader {
    /// Of every frame that it gives.
    package let layout: FrameLayout
    package let range: FrameRange

    private let path: String
    private let index: FrameIndex
    private let context: MediaContext
    private let threads: Int
    private let unpacker: PlanarUnpacker
    /// What every picture is held against; nil compares size and pixel format alone.
    private let look: PictureLook?
    /// Presentation number of each packet; −1 for those that give no frame.
    private let frameOfPacket: [Int32]
    private var run: DecodingRun
    private var expected: Int
    private var pending: DecodedFrame?
    /// What the frames that were given carry beside their samples.
    package private(set) var notes = SourceNotes()

    /// Opens the file and decodes the first frame of the range.
    ///
    /// - Parameters:
    ///   - index: of this file.
    ///   - range: not empty, within the index.
    ///   - look: what every picture must agree with; nil asks only that size and pixel format stay.
    ///   - threads: of the decoder; 0 lets the library choose.
    package init(
        path: String, index: FrameIndex, range: FrameRange, look: PictureLook? = nil, threads: Int = 0, context: MediaContext
    ) throws(MediaError) {
        guard !range.isEmpty, range.end <= index.count else { throw .rangeOutsideFile(range, frameCount: index.count) }
        let frameOfPacket = index.frameOfPacket
        var candidates = StartCandidates(index: index, target: range.start, frameOfPacket: frameOfPacket)
        var run = try DecodingRun(path: path, index: index, start: candidates.next(), threads: threads, context: context)
        var first: DecodedFrame?
        while first == nil {
            switch try run.next(frame: range.start, frameOfPacket: frameOfPacket) {
            case .frame(let frame): first = consume frame
            case .passed(let problem, let found):
                guard candidates.hasNext else { throw Self.change(at: range.start, look, found, index) ?? problem }
                run = try DecodingRun(path: path, index: index, start: candidates.next(), threads: threads, context: context)
            }
        }
        guard let frame = first.take() else { throw .missingFrame(range.start) }
        let size = PictureSize(width: Int(frame.raw.pointee.width), height: Int(frame.raw.pointee.height))
        unpacker = try PlanarUnpacker(size: size, source: frame.format)
        layout = unpacker.layout
        pending = consume frame
        expected = range.start
        self.look = look
        self.run = run
        self.path = path
        self.index = index
        self.range = range
        self.context = context
        self.threads = threads
        self.frameOfPacket = frameOfPacket
    }

    /// The next frame of the range; nil after the last.
    ///
    /// Its times are those of the index, in ticks of the index's timebase.
    ///
    /// - Throws: `corruptFrame`, `missingFrame`, `pictureChanged`, `indexMismatch`, `cancelled`, `timedOut` …
    package func next() throws(MediaError) -> Frame? {
        guard expected < range.end else { return nil }
        if let decoded = pending.take() { return try deliver(decoded) }
        switch try run.next(frame: expected, frameOfPacket: frameOfPacket) {
        case .frame(let decoded): return try deliver(decoded)
        case .passed(let problem, let found): throw Self.change(at: expected, look, found, index) ?? problem
        }
    }

    /// The change that a picture shows; nil when there is none.
    private static func change(at frame: Int, _ look: PictureLook?, _ found: PictureLook?, _ index: FrameIndex) -> MediaError? {
        found.flatMap { look?.contradiction(of: $0) }.map { Self.error(at: frame, $0, index) }
    }

    private static func error(at frame: Int, _ change: PictureChange, _ index: FrameIndex) -> MediaError {
        // Rounded down: a part that ends there does not hold the frame.
        let ticks = (index.times[frame] - index.times[0]).multipliedFullWidth(by: index.timebase.numerator * 1000)
        let milliseconds = index.timebase.denominator.dividingFullWidth(ticks).quotient
        return .pictureChanged(frame: frame, milliseconds: Int(milliseconds), change)
    }

    private func deliver(_ decoded: consuming DecodedFrame) throws(MediaError) -> Frame {
        let found = PictureLook(decoded)
        if let change = Self.change(at: expected, look, found, index) { throw change }
        if found.size != layout.size { throw Self.error(at: expected, PictureChange(.size, "\(layout.size)", "\(found.size)"), index) }
        if decoded.format != unpacker.source {
            throw Self.error(at: expected, PictureChange(.pixelFormat, libraryName(unpacker.source), libraryName(decoded.format)), index)
        }
        notes.add(decoded, look: look, frame: expected)
        var frame = try unpacker.unpack(decoded)
        frame.index = expected
        frame.presentationTime = index.times[expected]
        frame.duration = index.duration(of: expected)
        expected += 1
        return frame
    }
}

/// Keyframes from which a frame may be decoded, the nearest first, then ever earlier ones.
private struct StartCandidates {
    private var keys: [FrameIndex.Key?]

    init(index: FrameIndex, target: Int, frameOfPacket: [Int32]) {
        let targetPacket = index.packets[target]
        let time = index.times[target]
        let early = index.keys.filter { key in
            guard key.packet <= targetPacket else { return false }
            let frame = Int(frameOfPacket[Int(key.packet)])
            return frame >= 0 ? frame <= target : (key.presentationTime ?? .min) <= time
        }
        // The two nearest, one a good way back, and the start of the file, which needs no seek.
        var keys: [FrameIndex.Key?] = early.suffix(2).reversed()
        if early.count > 8 { keys.append(early[early.count - 8]) }
        if let first = early.first, keys.contains(where: { $0?.packet == first.packet }) { keys.removeAll { $0?.packet == first.packet } }
        self.keys = keys + [nil]
    }

    var hasNext: Bool { !keys.isEmpty }

    /// A keyframe, or nil for the start of the file.
    mutating func next() -> FrameIndex.Key? { keys.removeFirst() }
}
