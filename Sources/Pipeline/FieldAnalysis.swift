package import Media
package import Picture
package import Primitives

/// Counts how frames are scanned, by the library's detector, in up to three minutes of a range.
package struct FieldAnalysis: Codable, Hashable, Sendable {
    package var topFirst = 0
    package var bottomFirst = 0
    package var progressive = 0
    package var undetermined = 0

    /// How the frames are scanned; nil when nothing could be told apart. Fine patterns look like fields now and then, so
    /// that interlaced means: one order in more than half of all frames.
    package var verdict: FieldOrder? {
        let total = topFirst + bottomFirst + progressive + undetermined
        if max(topFirst, bottomFirst) * 2 > total { return fieldOrder }
        return progressive > 0 ? .progressive : nil
    }

    /// The order of the fields that the interlaced frames speak for; nil when none does.
    package var fieldOrder: FieldOrder? {
        if topFirst == 0, bottomFirst == 0 { return nil }
        return topFirst >= bottomFirst ? .topFirst : .bottomFirst
    }

    /// Seconds of each piece.
    private static let pieceSeconds = 60.0

    /// One-minute pieces at the start, in the middle and at the end of `frames`; all of it when it is no longer than that.
    package static func pieces(of frames: FrameRange, frameRate: Rational) -> [FrameRange] {
        let length = max(2, Int(pieceSeconds * frameRate.double))
        guard frames.count > 3 * length else { return [frames] }
        let middle = frames.start + (frames.count - length) / 2
        return [
            FrameRange(frames.start, frames.start + length), FrameRange(middle, middle + length),
            FrameRange(frames.end - length, frames.end),
        ]
    }

    /// Looks at the pieces of a range. Blocks: call it on a lane.
    package static func run(
        _ path: String, index: FrameIndex, frames: FrameRange, context: MediaContext, frameDone: () -> Void = {}
    ) throws -> FieldAnalysis {
        var analysis = FieldAnalysis()
        for piece in pieces(of: frames, frameRate: index.frameRate.meanRate) {
            let reader = try FrameReader(path: path, index: index, range: piece, context: context)
            let filter = try FieldDetector(reader.layout, context: context)
            while let frame = try reader.next() {
                try filter.add(frame)
                frameDone()
            }
            analysis.add(try filter.finish())
        }
        return analysis
    }

    mutating func add(_ other: FieldAnalysis) {
        topFirst += other.topFirst
        bottomFirst += other.bottomFirst
        progressive += other.progressive
        undetermined += other.undetermined
    }
}

/// The library's detector of interlacing over one run of frames.
///
/// It does not take every format, and must not be given converted samples: the color planes of the others are shown to it under the
/// name of a format that it takes. It adds up the differences of all planes and compares sums with each other, none with a level, so
/// that neither the meaning of a plane nor its depth counts.
final class FieldDetector {
    private let filter: LibraryFilter
    private let shown: FrameLayout
    private var counts = FieldAnalysis()
    private var number: Int64 = 0

    init(_ layout: FrameLayout, context: MediaContext) throws(MediaError) {
        let shown = FrameLayout(size: layout.size, format: Self.shown(layout.format))
        self.shown = shown
        filter = try LibraryFilter(
            "idet", LibraryFilter.Input(layout: shown, timebase: Rational(1, 25), frameRate: Rational(25, 1)), context: context)
    }

    /// Three planes of R′G′B′ as Y′CbCr without subsampling; gray of 9 to 15 bits as gray of 16; of 4:4:0 in more than 8 bits luma alone.
    private static func shown(_ format: PixelFormat) -> PixelFormat {
        switch format.subsampling {
        case .yuv440 where format.bitDepth > 8: PixelFormat(model: .gray, subsampling: .gray, bitDepth: 16)
        case .gray: PixelFormat(model: .gray, subsampling: .gray, bitDepth: format.bitDepth == 8 ? 8 : 16)
        case .yuv420, .yuv422, .yuv444, .yuv440, .yuv411, .yuv410:
            PixelFormat(model: .ycbcr, subsampling: format.subsampling, bitDepth: format.bitDepth)
        }
    }

    func add(_ frame: consuming Frame) throws(MediaError) {
        try filter.send(try frame.sharing(shown), time: number)
        number += 1
        try drain()
    }

    func finish() throws(MediaError) -> FieldAnalysis {
        try filter.sendEnd()
        try drain()
        return counts
    }

    private func drain() throws(MediaError) {
        while let frame = try filter.receive() {
            switch LibraryFilter.notes(of: frame)["lavfi.idet.multiple.current_frame"] {
            case "tff": counts.topFirst += 1
            case "bff": counts.bottomFirst += 1
            case "progressive": counts.progressive += 1
            default: counts.undetermined += 1
            }
        }
    }
}
