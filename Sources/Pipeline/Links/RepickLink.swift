import Media
import Primitives

/// Changes the rate by dropping and repeating frames.
final class RepickLink: FrameLink {
    private let task: LinkTask
    private var next: Int

    init(_ task: LinkTask) {
        self.task = task
        next = task.wanted.start
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        while next < task.wanted.end, task.link.picked(for: next, task.index, within: task.surroundings) == frame.index {
            var copy = try frame.duplicate()
            copy.index = next
            next += 1
            try emit(copy)
        }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {}
}
