import Domain
import Media
import Picture
import Primitives

/// Makes one frame of two: the lines of one field from the first, those of the other from the second, each smoothed down
/// the picture first.
///
/// Detail of one line's height would flicker at half the field rate. FFmpeg's five-tap kernel (−1 2 6 2 −1)/8 keeps what a
/// field can hold and takes away the finest; what it would sharpen stays as it was. An odd frame at the end gives both
/// fields.
final class FieldWeaver {
    private let filter: LibraryFilter
    /// The frame whose partner has not come yet.
    private var first: (index: Int, presentationTime: Int64, duration: Int64)?
    private var last: Frame?
    private var sent: Int64 = 0

    init(_ layout: FrameLayout, order: FieldOrder, context: MediaContext) throws {
        let scan = order == .bottomFirst ? "bff" : "tff"
        // Times are numbers here: one tick a frame.
        filter = try LibraryFilter(
            "interlace=scan=\(scan):lowpass=complex",
            LibraryFilter.Input(layout: layout, timebase: Rational(1, 50), frameRate: Rational(50, 1)), context: context)
    }

    /// - Parameter emit: takes the woven frame, in the place of the first and as long as both.
    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let place = (index: frame.index, presentationTime: frame.presentationTime, duration: frame.duration)
        if first == nil { last = try frame.duplicate() }
        try filter.send(frame, time: sent)
        sent += 1
        guard let begun = first else {
            first = place
            return
        }
        first = nil
        last = nil
        try give(begun, duration: begun.duration + place.duration, emit)
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        if let begun = first, let frame = last.take() {
            first = nil
            try filter.send(frame, time: sent)
            sent += 1
            try give(begun, duration: 2 * begun.duration, emit)
        }
    }

    private func give(
        _ begun: (index: Int, presentationTime: Int64, duration: Int64), duration: Int64, _ emit: (consuming Frame) throws -> Void
    ) throws {
        guard var woven = try filter.receive() else { throw PipelineError.weaving(frame: begun.index) }
        (woven.index, woven.presentationTime, woven.duration) = (begun.index, begun.presentationTime, duration)
        try emit(woven)
    }
}
