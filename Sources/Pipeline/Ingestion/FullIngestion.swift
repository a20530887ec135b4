import Lanes
import Media
import Picture
import Primitives
import Synchronization
package import Telemetry

/// Everything a full ingestion makes of a file beside its facts: thumbnails, full frames and a video for browsers.
package struct FullIngestion: Sendable {
    /// What was made.
    package struct Products: Codable, Hashable, Sendable {
        package let examination: SourceExamination
        /// Milliseconds of each thumbnail and of each full frame, from the first frame.
        package let thumbnails: [Int]
        package let fullFrames: [Int]
    }

    /// A picture on its way to the storage.
    package enum Still: Sendable {
        case thumbnail(Int)
        case fullFrame(Int)
    }

    /// Thumbnails: one a second, at most 100, evenly spread; 320 samples wide.
    private static let mostThumbnails = 100
    private static let thumbnailWidth = 320
    /// Full frames: at most 10, evenly spread.
    private static let mostFullFrames = 10

    private let engine: Engine
    private let planner: JobPlanner
    private let observer: Observer

    package init(engine: Engine, planner: JobPlanner, observer: Observer) {
        self.engine = engine
        self.planner = planner
        self.observer = observer
    }

    /// - Parameters:
    ///   - web: a temporary path for the web video; the caller publishes it.
    ///   - workLog: a temporary path for its packet log; the caller removes it.
    ///   - store: given the bytes of each still.
    ///   - progress: share of the work, 0…1.
    package func run(
        _ path: String, source: IngestedSource, web: String, workLog: String,
        store: @escaping @Sendable (Still, [UInt8]) throws -> Void, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> Products {
        let examination = try await examine(path, source) { progress(0.3 * $0) }
        let proxy = Proxy(source: source, scanning: examination.scanning.verdict)
        let plan = try proxy.webPlan(planner)
        let thumbnails = Self.spread(plan.outputFrames, at: plan.encoder.frameRate, most: Self.mostThumbnails)
        try await makeWebVideo(path, source, plan, thumbnails: thumbnails, web: web, log: workLog, store: store) {
            progress(0.3 + 0.6 * $0)
        }
        let full = try proxy.fullPlan(planner)
        let frames = Self.spread(full.outputFrames, at: full.encoder.frameRate, most: Self.mostFullFrames)
        for (ordinal, frame) in frames.enumerated() {
            try await makeFullFrame(path, source, full, frame: frame) { try store(.fullFrame(ordinal), $0) }
            progress(0.9 + 0.1 * Double(ordinal + 1) / Double(frames.count))
        }
        func milliseconds(_ frames: [Int], _ plan: JobPlan) -> [Int] {
            frames.map { number in
                let time = MediaTime(plan.grid.time(of: number, source.index), plan.grid.timebase(source.index))
                return Int(time.rescaled(to: Rational(1, 1000)).value)
            }
        }
        return Products(
            examination: examination, thumbnails: milliseconds(thumbnails, plan), fullFrames: milliseconds(frames, full))
    }

    /// Frames in the middle of equal parts: one part a second, at most `most`.
    static func spread(_ frames: FrameRange, at rate: Rational, most: Int) -> [Int] {
        let count = min(most, frames.count, max(1, Int((Double(frames.count) / max(rate.double, 0.001)).rounded())))
        return (0..<count).map { frames.start + (2 * $0 + 1) * frames.count / (2 * count) }
    }

    private func examine(
        _ path: String, _ source: IngestedSource, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> SourceExamination {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        return try await withTaskCancellationHandler {
            try await SerialLane(label: "remaster.examine").run {
                try SourceExamination.run(path, index: source.index, context: context, progress: progress)
            }
        } onCancel: {
            interrupt.cancel()
        }
    }

    private func makeWebVideo(
        _ path: String, _ source: IngestedSource, _ plan: JobPlan, thumbnails: [Int], web: String, log: String,
        store: @escaping @Sendable (Still, [UInt8]) throws -> Void, progress: @escaping @Sendable (Double) -> Void
    ) async throws {
        let picture = plan.encoder.layout.size
        let width = min(Self.thumbnailWidth, picture.width)
        let size = PictureSize(width: width, height: max(2, picture.height * width / picture.width / 2 * 2))
        let writer = ThumbnailWriter(plan: plan, frames: thumbnails, size: size, context: MediaContext(observer: observer), store: store)
        let done = Mutex(0)
        let total = Double(plan.outputFrames.count)
        let outcome = try await SegmentRunner(engine: engine, observer: observer).run(
            plan, range: plan.outputFrames, source: path, index: source.index, analysis: JobAnalysis(), logPath: log,
            frameSeen: { try writer.see($0) },
            frameDone: {
                let frames = done.withLock { count in
                    count += 1
                    return count
                }
                if frames % 10 == 0 { progress(0.95 * Double(frames) / total) }
            })
        _ = try await AssemblyRunner(observer: observer).run(
            plan, source: path, index: source.index, segments: [log], outcomes: [outcome], shots: nil, devices: [], destination: web,
            isForBrowsers: true
        ) { progress(0.95 + 0.05 * $0) }
    }

    private func makeFullFrame(
        _ path: String, _ source: IngestedSource, _ plan: JobPlan, frame: Int, store: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let run = SegmentRun(
            plan: plan, range: FrameRange(frame, frame + 1), source: path, index: source.index,
            surroundings: Surroundings(of: plan, index: source.index), analysis: JobAnalysis(), engine: engine, context: context)
        try await withTaskCancellationHandler {
            _ = try await run.finish { frames in
                let layout = plan.encoder.layout
                let writer = try StillWriter(layout, tags: plan.encoder.colorTags, size: layout.size, quality: 2, context: context)
                while let frame = try frames.receive() { try store(try writer.jpeg(of: frame)) }
            }
        } onCancel: {
            interrupt.cancel()
            run.stop(CancellationError())
        }
    }
}

/// Makes thumbnails of chosen frames as they come by.
private final class ThumbnailWriter: Sendable {
    private struct State {
        var waiting: ArraySlice<Int>
        var ordinal = 0
        var writer: StillWriter?
    }

    private let state: Mutex<State>
    private let plan: JobPlan
    private let size: PictureSize
    private let context: MediaContext
    private let store: @Sendable (FullIngestion.Still, [UInt8]) throws -> Void

    init(
        plan: JobPlan, frames: [Int], size: PictureSize, context: MediaContext,
        store: @escaping @Sendable (FullIngestion.Still, [UInt8]) throws -> Void
    ) {
        self.plan = plan
        self.size = size
        self.context = context
        self.store = store
        state = Mutex(State(waiting: frames[...]))
    }

    /// Called for every frame in turn, on one lane.
    func see(_ frame: borrowing Frame) throws {
        let number = frame.index
        let copy = try frame.duplicate()
        try state.withLock { state in
            guard state.waiting.first == number else { return }
            state.waiting.removeFirst()
            let writer =
                try state.writer ?? StillWriter(plan.encoder.layout, tags: plan.encoder.colorTags, size: size, quality: 4, context: context)
            state.writer = writer
            try store(.thumbnail(state.ordinal), try writer.jpeg(of: copy))
            state.ordinal += 1
        }
    }
}
