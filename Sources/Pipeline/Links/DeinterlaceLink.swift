import Domain
import Media
import Picture
import Primitives

/// Runs a deinterlacer of the library, in as many bits as the link's output has.
final class DeinterlaceLink: FrameLink {
    private let task: LinkTask
    private let deepener: FrameDeepener
    private let filter: LibraryFilter
    private let factor: Int

    init(_ task: LinkTask, filter: ProcessingOptions.Deinterlacer, order: FieldOrder) throws {
        self.task = task
        factor = task.link.grid.framesPerSource / task.link.inputGrid.framesPerSource
        deepener = try FrameDeepener(
            task.link.input, bitDepth: task.link.output.format.bitDepth, range: task.plan.source.color.tags.range)
        let parity = order == .bottomFirst ? "bff" : "tff"
        let chain =
            switch filter {
            case .yadif: "yadif=mode=send_frame:parity=\(parity):deint=all"
            case .bwdif: "bwdif=mode=send_field:parity=\(parity):deint=all"
            case .weston3F: "w3fdif=filter=complex:mode=field:parity=\(parity):deint=all"
            case .deint: throw PipelineError.stageUnavailable(step: "DEINT without a device", available: ["YADIF", "BWDIF", "WESTON3F"])
            }
        // Times are numbers here: one tick a frame.
        self.filter = try LibraryFilter(
            chain,
            LibraryFilter.Input(layout: task.link.output, timebase: Rational(1, 25), frameRate: Rational(25, 1), fieldOrder: order),
            context: task.context)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let number = frame.index
        try filter.send(try deepener.deepen(frame), time: Int64(number))
        try drain(emit)
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        try filter.sendEnd()
        try drain(emit)
    }

    private func drain(_ emit: (consuming Frame) throws -> Void) throws {
        while var frame = try filter.receive() {
            // Ticks of the output count halves of frames, whether one or two come of each.
            let place = MediaTime(frame.presentationTime, filter.timebase).rescaled(to: Rational(1, 25 * Int64(factor)))
            frame.index = Int(place.value)
            if task.wanted.contains(frame.index) { try emit(frame) }
        }
    }
}

/// Runs the library's denoiser with its own strengths, in as many bits as the link's output has.
final class DenoiseLink: FrameLink {
    private let task: LinkTask
    private let deepener: FrameDeepener
    private let filter: LibraryFilter

    init(_ task: LinkTask) throws {
        self.task = task
        deepener = try FrameDeepener(
            task.link.input, bitDepth: task.link.output.format.bitDepth, range: task.plan.source.color.tags.range)
        filter = try LibraryFilter(
            "hqdn3d", LibraryFilter.Input(layout: task.link.output, timebase: Rational(1, 25), frameRate: Rational(25, 1)),
            context: task.context)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let number = frame.index
        try filter.send(try deepener.deepen(frame), time: Int64(number))
        try drain(emit)
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        try filter.sendEnd()
        try drain(emit)
    }

    private func drain(_ emit: (consuming Frame) throws -> Void) throws {
        while var frame = try filter.receive() {
            frame.index = Int(frame.presentationTime)
            if task.wanted.contains(frame.index) { try emit(frame) }
        }
    }
}
