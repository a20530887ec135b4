import Media
import Primitives

/// Changes the rate by motion-compensated interpolation. The library's filter takes 8 bits.
final class InterpolateLink: FrameLink {
    /// Copies of the first and the last frame that stand around the input: the filter gives nothing before its third
    /// frame and nothing behind its last but one.
    private static let padding = 3

    private let task: LinkTask
    private let filter: LibraryFilter
    private var last: Frame?
    private var hasBegun = false
    private var next: Int

    init(_ task: LinkTask) throws {
        self.task = task
        next = task.wanted.start
        guard let rate = task.link.grid.rate else {
            throw PipelineError.stageUnavailable(step: "MCINTERPOLATE without a rate", available: [])
        }
        let source = task.link.inputGrid
        filter = try LibraryFilter(
            // The search looks at neighbours in the same frame alone, so that nothing older than four frames counts.
            "minterpolate=fps=\(rate.numerator)/\(rate.denominator):mi_mode=mci:mc_mode=aobmc:me_mode=bidir:me=umh:vsbmc=0",
            LibraryFilter.Input(
                layout: task.link.output, timebase: source.timebase(task.index),
                frameRate: task.plan.source.frameRate * Rational(Int64(source.framesPerSource), 1)),
            context: task.context)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let number = frame.index
        let time = task.link.inputGrid.time(of: number, task.index)
        let step = task.link.inputGrid.duration(of: number, task.index)
        if !hasBegun {
            hasBegun = true
            for copy in (1...Self.padding).reversed() { try filter.send(try frame.duplicate(), time: time - Int64(copy) * step) }
        }
        last = try frame.duplicate()
        try filter.send(frame, time: time)
        try drain(emit)
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        if let frame = last.take() {
            let time = task.link.inputGrid.time(of: frame.index, task.index)
            let step = task.link.inputGrid.duration(of: frame.index, task.index)
            for copy in 1...Self.padding { try filter.send(try frame.duplicate(), time: time + Int64(copy) * step) }
        }
        try filter.sendEnd()
        try drain(emit)
    }

    private func drain(_ emit: (consuming Frame) throws -> Void) throws {
        while var frame = try filter.receive() {
            frame.index = Int(frame.presentationTime)
            guard frame.index == next, next < task.wanted.end else { continue }
            next += 1
            try emit(frame)
        }
    }
}
