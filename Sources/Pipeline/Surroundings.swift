import Lanes
import Media
import Primitives
import Telemetry

/// Frames of the source that the filters of a job may look at: its own, and those around them.
///
/// The plan bounds them where the file announces other pictures. Whether the rest can be used shows only when it is decoded:
/// frames are never made up, and a job is not to end by a frame that is none of its own. Where one of them at an end is damaged,
/// missing or another picture than the plan's, all of that end are left alone, and filters begin or end there with the job's own
/// frames, as they do at the ends of a file. What is decoded is what the whole job would look at, whichever segment asks, so that
/// every segment finds the same, wherever cuts are.
struct Surroundings: Sendable {
    let frames: FrameRange
    /// Which frames stood in the way.
    let notes: SourceNotes

    /// Everything the plan allows.
    init(of plan: JobPlan, index: FrameIndex) {
        frames = plan.surroundings(index)
        notes = SourceNotes()
    }

    /// - Parameter range: of the segment that asks, in the numbers of the plan's grid; an end that it does not look beyond is
    ///   not decoded.
    static func find(_ plan: JobPlan, for range: FrameRange, source: String, index: FrameIndex, observer: Observer) async throws
        -> Surroundings
    {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        return try await withTaskCancellationHandler {
            try await SerialLane(label: "remaster.surroundings").run {
                try Surroundings(plan, range, source: source, index: index, context: context)
            }
        } onCancel: {
            interrupt.cancel()
        }
    }

    private init(_ plan: JobPlan, _ range: FrameRange, source: String, index: FrameIndex, context: MediaContext) throws(MediaError) {
        let (allowed, own) = (plan.surroundings(index), plan.frames)
        let asked = plan.wanted(for: range, index, within: allowed)[0]
        let reach = plan.wanted(for: plan.outputFrames, index, within: allowed)[0]
        var (start, end) = (allowed.start, allowed.end)
        var notes = SourceNotes()
        func firstUnusable(_ frames: FrameRange) throws(MediaError) -> Int? {
            try Self.firstUnusable(of: frames, plan, source: source, index: index, context: context)
        }
        if asked.start < own.start, let frame = try firstUnusable(FrameRange(reach.start, own.start)) {
            start = own.start
            notes.add(.unusableBefore, frame: frame)
        }
        if asked.end > own.end, let frame = try firstUnusable(FrameRange(own.end, reach.end)) {
            end = own.end
            notes.add(.unusableBehind, frame: frame)
        }
        self.frames = FrameRange(start, end)
        self.notes = notes
    }

    /// Number of the first frame that cannot be used; nil where all can.
    private static func firstUnusable(
        of frames: FrameRange, _ plan: JobPlan, source: String, index: FrameIndex, context: MediaContext
    ) throws(MediaError) -> Int? {
        do throws(MediaError) {
            let reader = try FrameReader(path: source, index: index, range: frames, look: plan.source.look, context: context)
            while try reader.next() != nil {}
            return nil
        } catch {
            switch error {
            case .corruptFrame(let frame), .missingFrame(let frame), .pictureChanged(let frame, _, _): return frame
            default: throw error
            }
        }
    }
}
