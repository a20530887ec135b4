import Filters
import Media
import Picture
import Primitives

/// Runs a network that sees a frame and those around it.
///
/// Beyond the first and the last frame that may be looked at the frames are mirrored.
final class WindowLink: FrameLink {
    private let task: LinkTask
    private let filter: any WindowFilter
    private let pool: FramePool
    private let reach: Int
    private var held: HeldFrames

    init(_ task: LinkTask, filter: any WindowFilter) throws {
        self.task = task
        self.filter = filter
        reach = type(of: filter).reach
        held = try HeldFrames(task, limit: 2 * reach + 1)
        pool = try FramePool(layout: task.link.output)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        try held.append(frame)
        if held.count > reach { try give(held.count - 1 - reach, emit) }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        for place in max(held.count - reach, 0)..<held.count { try give(place, emit) }
    }

    /// Gives the result of one held frame, where it is wanted.
    private func give(_ place: Int, _ emit: (consuming Frame) throws -> Void) throws {
        let number = held.number(place)
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
                    number: { self.held.number(self.mirrored(place + $0)) },
                    read: { offset, plane, body in
                        try self.held.read(self.mirrored(place + offset), plane: plane, body)
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
