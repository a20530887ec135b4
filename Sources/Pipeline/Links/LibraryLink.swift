import Domain
import Media
import Picture
import Primitives

/// Runs a filter of the library that gives a whole number of frames for each, in as many bits as the link's output has.
final class LibraryLink: FrameLink {
    private let task: LinkTask
    private let deepener: FrameDeepener
    private let filter: LibraryFilter
    /// Whether a picture's own word about its fields counts more than the order of all.
    private let followsPictures: Bool

    /// - Parameters:
    ///   - chain: of the library's filters, with their settings.
    ///   - fieldOrder: of the frames that come, where they hold fields.
    ///   - followsPictures: whether a picture's own word about its fields counts more.
    init(_ task: LinkTask, chain: String, fieldOrder: FieldOrder = .progressive, followsPictures: Bool = false) throws {
        self.task = task
        self.followsPictures = followsPictures
        deepener = try task.makeDeepener()
        filter = try LibraryFilter(
            chain,
            LibraryFilter.Input(
                layout: task.link.output, timebase: Rational(1, Self.rate), frameRate: Rational(Self.rate, 1), fieldOrder: fieldOrder),
            context: task.context)
    }

    /// A deinterlacer; `DEINT` is the device's alone.
    convenience init(_ task: LinkTask, deinterlacing filter: ProcessingOptions.Deinterlacer, order: FieldOrder) throws {
        let followsPictures = task.plan.recipe.deinterlacing?.followsPictures == true
        let parity = followsPictures ? "auto" : order == .bottomFirst ? "bff" : "tff"
        let chain =
            switch filter {
            case .yadif: "yadif=mode=send_frame:parity=\(parity):deint=all"
            case .bwdif: "bwdif=mode=send_field:parity=\(parity):deint=all"
            case .weston3F: "w3fdif=filter=complex:mode=field:parity=\(parity):deint=all"
            case .deint: throw PipelineError.stageUnavailable(step: "DEINT without a device", available: ["YADIF", "BWDIF", "WESTON3F"])
            }
        try self.init(task, chain: chain, fieldOrder: order, followsPictures: followsPictures)
    }

    /// Any will do: times are numbers here, one tick a frame that goes in.
    private static let rate: Int64 = 25

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let (number, own) = (frame.index, frame.fieldOrder)
        try filter.send(
            try deepener.deepen(frame), time: Int64(number), fieldOrder: followsPictures && own.isInterlaced ? own : nil)
        try drain(emit)
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        try filter.sendEnd()
        try drain(emit)
    }

    private func drain(_ emit: (consuming Frame) throws -> Void) throws {
        let factor = task.link.grid.framesPerSource / task.link.inputGrid.framesPerSource
        while var frame = try filter.receive() {
            // The output's ticks may be finer than one a frame: its frames are counted by their time.
            let place = MediaTime(frame.presentationTime, filter.timebase).rescaled(to: Rational(1, Self.rate * Int64(factor)))
            frame.index = Int(place.value)
            if task.wanted.contains(frame.index) { try emit(frame) }
        }
    }
}

extension ProcessingRecipe.Deinterlacing {
    /// Whether each picture says which of its fields is the first: behind film with pulldown by flags the order of true fields may be the
    /// other one. DEINT sees fields of three pictures at once, and needs one order.
    var followsPictures: Bool { fieldOrder == .autoMetadata && filter != .deint }
}
