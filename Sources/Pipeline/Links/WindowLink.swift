import Filters
import Media
import Picture
import Primitives

/// Runs a network that sees a frame and those around it.
///
/// Beyond the first and the last frame of the file the frames are mirrored.
final class WindowLink: FrameLink {
    private let task: LinkTask
    private let deepener: FrameDeepener
    private let filter: any WindowFilter
    private let pool: FramePool
    private let reach: Int
    /// At most 2 `reach` + 1 frames in a row.
    private var held: [Held] = []

    private final class Held {
        let frame: Frame

        init(_ frame: consuming Frame) { self.frame = frame }
    }

    init(_ task: LinkTask, filter: any WindowFilter) throws {
        self.task = task
        self.filter = filter
        reach = type(of: filter).reach
        deepener = try FrameDeepener(
            task.link.input, bitDepth: task.link.output.format.bitDepth, range: task.plan.source.color.tags.range)
        pool = try FramePool(layout: task.link.output)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let number = frame.index
        var deep = try deepener.deepen(frame)
        deep.index = number
        held.append(Held(deep))
        if held.count > 2 * reach + 1 { held.removeFirst() }
        if held.count > reach { try give(held.count - 1 - reach, emit) }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        for place in max(held.count - reach, 0)..<held.count { try give(place, emit) }
    }

    /// Gives the result of one held frame, where it is wanted.
    private func give(_ place: Int, _ emit: (consuming Frame) throws -> Void) throws {
        let number = held[place].frame.index
        guard task.wanted.contains(number) else { return }
        var result = try pool.frame()
        try fill(&result, place)
        result.index = number
        try emit(result)
    }

    private func fill(_ result: inout Frame, _ place: Int) throws {
        // Planes are lent for the time of a call; the window only lends them on.
        try withUnsafeMutablePointer(to: &result) { result in
            try filter.filter(
                FrameWindow(
                    number: { self.held[self.mirrored(place + $0)].frame.index },
                    read: { offset, plane, body in
                        try self.held[self.mirrored(place + offset)].frame.withPlane(plane) { bytes, stride in
                            try bytes.withUnsafeBytes { try body(PlaneView(bytes: $0, bytesPerRow: stride)) }
                        }
                    },
                    write: { plane, body in
                        try result.pointee.withWritablePlane(plane) { target, stride in
                            try target.withUnsafeMutableBytes { try body($0, stride) }
                        }
                    }))
        }
    }

    private func mirrored(_ place: Int) -> Int {
        guard held.count > 1 else { return 0 }
        let last = held.count - 1
        let turn = abs(place) % (2 * last)
        return turn <= last ? turn : 2 * last - turn
    }
}
