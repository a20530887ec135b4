import Domain
import Filters
import Lanes
import Media
import Picture
import Primitives
import Synchronization

/// One segment under way: its conduits, and the lane of each step.
final class SegmentRun: Sendable {
    /// Frames that may wait between two lanes.
    private static let conduitDepth = 3

    private let plan: JobPlan
    private let source: String
    private let index: FrameIndex
    private let analysis: JobAnalysis
    private let engine: Engine
    private let context: MediaContext
    private let surroundings: Surroundings
    /// `wanted[n]` are the frames that link n is to be given; the last are the segment's own.
    private let wanted: [FrameRange]
    /// In front of each link, of the last program and of the encoder.
    private let conduits: [Conduit<Frame>]
    private let failure = FirstFailure()
    /// What the decoded frames carry beside their samples, and what stands around the job.
    private let found: Mutex<SourceNotes>
    var notes: SourceNotes { found.withLock { $0 } }

    init(
        plan: JobPlan, range: FrameRange, source: String, index: FrameIndex, surroundings: Surroundings, analysis: JobAnalysis,
        engine: Engine, context: MediaContext
    ) {
        self.plan = plan
        self.source = source
        self.index = index
        self.analysis = analysis
        self.engine = engine
        self.context = context
        self.surroundings = surroundings
        found = Mutex(surroundings.notes)
        wanted = plan.wanted(for: range, index, within: surroundings.frames)
        conduits = (0..<plan.links.count + 2).map { _ in Conduit(depth: Self.conduitDepth) }
    }

    /// Brings every lane down with the first error.
    func stop(_ error: any Error) {
        failure.record(error)
        for conduit in conduits { conduit.fail(error) }
    }

    /// What a lane leaves behind.
    private enum Part<Result: Sendable>: Sendable {
        case nothing
        case device(DeviceLane.Outcome)
        /// Of the last program, whose frames are coded: their light is the rendition's.
        case finisher(DeviceLane.Outcome)
        case result(Result)
    }

    /// Runs all lanes to their end, when the device has room for what they need there.
    ///
    /// - Parameter sink: takes the finished frames, on a lane of its own; each has its number in `index`, and its time
    ///   and duration in ticks of the plan's grid.
    func finish<Result: Sendable>(
        _ sink: @escaping @Sendable (Conduit<Frame>) throws -> Result
    ) async throws -> (device: DeviceLane.Outcome, result: Result) {
        try await engine.withProcessors(for: plan.programs, networks: { try await self.linkNetworks(parts: $0) }) {
            processors, networks in
            try await self.run(processors, networks, sink)
        }
    }

    /// - Parameters:
    ///   - processors: of the plan's programs, in their order.
    ///   - networks: of the links that have one, by their number.
    private func run<Result: Sendable>(
        _ processors: [PictureProcessor], _ networks: [Int: LinkNetwork], _ sink: @escaping @Sendable (Conduit<Frame>) throws -> Result
    ) async throws -> (device: DeviceLane.Outcome, result: Result) {
        var outcomes: [DeviceLane.Outcome] = []
        var finished: DeviceLane.Outcome?
        var result: Result?
        await withTaskGroup(of: Part<Result>.self) { group in
            group.addTask {
                await self.decode()
                return .nothing
            }
            var programs = 0
            for (number, link) in self.plan.links.enumerated() {
                if case .prepare(let program) = link.work {
                    let processor = processors[programs]
                    programs += 1
                    group.addTask { await self.run(link: number, program, on: processor).map { .device($0) } ?? .nothing }
                } else {
                    group.addTask {
                        await self.run(link: number, network: networks[number])
                        return .nothing
                    }
                }
            }
            let finisher = processors[programs]
            group.addTask { await self.runProgram(on: finisher).map { .finisher($0) } ?? .nothing }
            group.addTask {
                let last = self.conduits[self.conduits.count - 1]
                return await self.onLane("encode") { try sink(last) }.map { .result($0) } ?? .nothing
            }
            for await part in group {
                switch part {
                case .nothing: break
                case .device(let outcome): outcomes.append(outcome)
                case .finisher(let outcome):
                    outcomes.append(outcome)
                    finished = outcome
                case .result(let value): result = value
                }
            }
        }
        if let error = failure.first { throw error }
        try Task.checkCancellation()
        guard outcomes.count == plan.programs.count, let result else { throw CancellationError() }
        let seconds = outcomes.reduce(into: [String: Double]()) { $0.merge($1.stageSeconds, uniquingKeysWith: +) }
        return (DeviceLane.Outcome(light: finished?.light, stageSeconds: seconds), result)
    }

    /// Gives a finished frame its place in time.
    func place(_ frame: inout Frame) {
        frame.presentationTime = plan.grid.time(of: frame.index, index)
        frame.duration = plan.grid.duration(of: frame.index, index)
    }

    private func decode() async {
        await onLane("decode") {
            let reader = try FrameReader(
                path: self.source, index: self.index, range: self.wanted[0], look: self.plan.source.look, context: self.context)
            while let frame = try reader.next() {
                guard self.conduits[0].send(frame) else { break }
            }
            self.found.withLock { $0.add(reader.notes) }
            self.conduits[0].finish()
        }
    }

    private func run(link number: Int, _ program: PictureProgram, on processor: PictureProcessor) async -> DeviceLane.Outcome? {
        let work = DeviceLane.Work(
            program: program, layout: plan.links[number].output, turns: plan.turns(inLink: number), mirrored: plan.mirrors(inLink: number))
        return await process(conduits[number], into: conduits[number + 1], work, on: processor, looks: nil)
    }

    private func run(link number: Int, network: LinkNetwork?) async {
        let link = plan.links[number]
        let (input, output) = (conduits[number], conduits[number + 1])
        await onLane("filter") {
            let task = LinkTask(
                link: link, wanted: self.wanted[number + 1], index: self.index, surroundings: self.surroundings.frames, plan: self.plan,
                analysis: self.analysis, context: self.context, network: network)
            guard let work = try task.make() else { return }
            var isOpen = true
            while isOpen, let frame = try input.receive() { try work.push(frame) { isOpen = output.send($0) && isOpen } }
            if isOpen { try work.finish { isOpen = output.send($0) && isOpen } }
            output.finish()
        }
    }

    /// The networks of links that the device does, with their memory, by the links' numbers.
    ///
    /// - Parameter parts: what the share of the memory that they are planned for is divided by.
    private func linkNetworks(parts: Int) async throws -> [Int: LinkNetwork] {
        var networks: [Int: LinkNetwork] = [:]
        for (number, link) in plan.links.enumerated() { networks[number] = try await network(for: link, parts: parts) }
        return networks
    }

    /// Nil for a link that the device does not do, or by a program.
    private func network(for link: ProcessingLink, parts: Int) async throws -> LinkNetwork? {
        switch link.work {
        case .deinterlace(.deint, let order):
            let isTopFirst = (order ?? analysis.fieldOrder ?? .topFirst) != .bottomFirst
            return .fields(try await FieldInterpolator(layout: link.output, topFirst: isTopFirst, device: engine.device, parts: parts))
        case .removeNoise: return .window(try await NoiseReducer(layout: link.output, device: engine.device, parts: parts))
        case .alignLines: return .window(try await LineAligner(layout: link.output, device: engine.device))
        default: return nil
        }
    }

    private func runProgram(on processor: PictureProcessor) async -> DeviceLane.Outcome? {
        let number = plan.links.count
        let work = DeviceLane.Work(
            program: plan.program, layout: plan.encoder.layout, turns: plan.turns(inLink: number), mirrored: plan.mirrors(inLink: number))
        let looks = ShotLooks(plan: plan, conditions: analysis.conditions, index: index, engine: engine)
        return await process(conduits[number], into: conduits[number + 1], work, on: processor, looks: looks)
    }

    private func process(
        _ input: Conduit<Frame>, into output: Conduit<Frame>, _ work: DeviceLane.Work, on processor: PictureProcessor, looks: ShotLooks?
    ) async -> DeviceLane.Outcome? {
        await DeviceLane().run(stop: stop) { lane in
            try await lane.process(input, into: output, work, processor: processor, looks: looks)
        }
    }

    @discardableResult
    private func onLane<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () throws -> Value) async -> Value? {
        do {
            return try await SerialLane(label: "remaster.\(name)").run(work)
        } catch {
            stop(error)
            return nil
        }
    }
}
