import Filters
import Lanes
import Media
import Primitives

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
    /// `wanted[n]` are the frames that link n is to be given; the last are the segment's own.
    private let wanted: [FrameRange]
    /// In front of each link, of the last program and of the encoder.
    private let conduits: [Conduit<Frame>]
    private let failure = FirstFailure()

    init(
        plan: JobPlan, range: FrameRange, source: String, index: FrameIndex, analysis: JobAnalysis, engine: Engine, context: MediaContext
    ) {
        self.plan = plan
        self.source = source
        self.index = index
        self.analysis = analysis
        self.engine = engine
        self.context = context
        var wanted = [range]
        for link in plan.links.reversed() { wanted.insert(link.needed(for: wanted[0], index), at: 0) }
        self.wanted = wanted
        conduits = (0..<plan.links.count + 2).map { _ in Conduit(depth: Self.conduitDepth) }
    }

    /// Brings every lane down with the first error.
    func stop(_ error: any Error) {
        failure.record(error)
        for conduit in conduits { conduit.fail(error) }
    }

    /// What a lane leaves behind.
    private enum Part: Sendable {
        case nothing
        case device(DeviceLane.Outcome)
        case log(PacketLogSummary)
    }

    /// Runs all lanes to their end.
    func finish(
        logPath: String, frameDone: @escaping @Sendable () -> Void
    ) async throws -> (device: DeviceLane.Outcome, log: PacketLogSummary) {
        var outcomes: [DeviceLane.Outcome] = []
        var summary: PacketLogSummary?
        await withTaskGroup(of: Part.self) { group in
            group.addTask { await self.decode() }
            for number in self.plan.links.indices { group.addTask { await self.run(link: number) } }
            group.addTask { await self.runProgram() }
            group.addTask { await self.encode(logPath: logPath, frameDone: frameDone) }
            for await part in group {
                switch part {
                case .nothing: break
                case .device(let outcome): outcomes.append(outcome)
                case .log(let log): summary = log
                }
            }
        }
        if let error = failure.first { throw error }
        try Task.checkCancellation()
        guard outcomes.count == plan.programs.count, let summary else { throw CancellationError() }
        let seconds = outcomes.reduce(into: [String: Double]()) { $0.merge($1.stageSeconds, uniquingKeysWith: +) }
        return (DeviceLane.Outcome(light: outcomes.compactMap(\.light).first, stageSeconds: seconds), summary)
    }

    private func decode() async -> Part {
        await onLane("decode") {
            let reader = try FrameReader(path: self.source, index: self.index, range: self.wanted[0], context: self.context)
            while let frame = try reader.next() {
                guard self.conduits[0].send(frame) else { break }
            }
            self.conduits[0].finish()
            return .nothing
        }
    }

    private func run(link number: Int) async -> Part {
        let link = plan.links[number]
        let (input, output) = (conduits[number], conduits[number + 1])
        if case .prepare(let program) = link.work {
            let work = DeviceLane.Work(program: program, layout: link.output, turns: plan.turns(inLink: number))
            return await process(input, into: output, work, looks: nil)
        }
        return await onLane("filter") {
            let task = LinkTask(
                link: link, wanted: self.wanted[number + 1], index: self.index, plan: self.plan, analysis: self.analysis,
                context: self.context)
            guard let work = try task.make() else { return .nothing }
            var isOpen = true
            while isOpen, let frame = try input.receive() { try work.push(frame) { isOpen = output.send($0) && isOpen } }
            if isOpen { try work.finish { isOpen = output.send($0) && isOpen } }
            output.finish()
            return .nothing
        }
    }

    private func runProgram() async -> Part {
        let number = plan.links.count
        let work = DeviceLane.Work(program: plan.program, layout: plan.encoder.layout, turns: plan.turns(inLink: number))
        let looks = ShotLooks(plan: plan, conditions: analysis.conditions, index: index, engine: engine)
        return await process(conduits[number], into: conduits[number + 1], work, looks: looks)
    }

    private func process(
        _ input: Conduit<Frame>, into output: Conduit<Frame>, _ work: DeviceLane.Work, looks: ShotLooks?
    ) async -> Part {
        let engine = self.engine
        let outcome = await DeviceLane().run(stop: stop) { lane in
            try await engine.withProcessor(for: work.program) { processor in
                try await lane.process(input, into: output, work, processor: processor, looks: looks)
            }
        }
        return outcome.map { .device($0) } ?? .nothing
    }

    private func encode(logPath: String, frameDone: @escaping @Sendable () -> Void) async -> Part {
        await onLane("encode") {
            let encoder = try VideoEncoder(self.plan.encoder, context: self.context)
            let log = try PacketLogWriter(path: logPath, parameters: encoder.parameters)
            let input = self.conduits[self.conduits.count - 1]
            while var frame = try input.receive() {
                frame.presentationTime = self.plan.grid.time(of: frame.index, self.index)
                frame.duration = self.plan.grid.duration(of: frame.index, self.index)
                try encoder.encode(frame, to: log)
                frameDone()
            }
            try encoder.finish(to: log)
            return .log(try log.finish())
        }
    }

    private func onLane(_ name: String, _ work: @escaping @Sendable () throws -> Part) async -> Part {
        do {
            return try await SerialLane(label: "remaster.\(name)").run(work)
        } catch {
            stop(error)
            return .nothing
        }
    }
}
