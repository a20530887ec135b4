import Domain
import Filters
import Foundation
import JobQueue
import Logging
import Media
package import ObjectStorage
package import Pipeline
import Postgres
import Primitives
package import Store
package import Telemetry

/// What the three kinds of processing units share: the stores, the device, and how a unit's plan and source are found.
package struct ProcessingContext: Sendable {
    let videos: VideoStore
    let jobs: JobStore
    let objects: FileObjectStore
    let engine: Engine
    let planner: JobPlanner
    let device: JobReport.DeviceFacts
    let observer: Observer

    package init(
        videos: VideoStore, jobs: JobStore, objects: FileObjectStore, engine: Engine, planner: JobPlanner,
        device: JobReport.DeviceFacts, observer: Observer
    ) {
        self.videos = videos
        self.jobs = jobs
        self.objects = objects
        self.engine = engine
        self.planner = planner
        self.device = device
        self.observer = observer
    }

    /// A unit's plan with the file it reads.
    struct Work: Sendable {
        let plan: JobPlan
        let source: String
        let facts: IngestedSource
        var index: FrameIndex { facts.index }
    }

    /// - Throws: `UnitFailure` when the source is gone, `PipelineError` when the plan cannot be read.
    func work(of unit: LeasedUnit) async throws -> Work {
        let plan = try JobPlan(stored: unit.plan.text)
        guard let source = unit.source, let file = try await videos.get(source, scope: TeamScope(teams: [unit.team]))?.file else {
            throw UnitFailure(code: "SOURCE_GONE", message: "The source video or its file is gone.", details: nil)
        }
        let facts = try IngestedSource.load(from: objects, for: VideoObjects(source))
        return Work(plan: plan, source: objects.path(of: file.key), facts: facts)
    }

    /// Nil where the networks of a unit's plan are those of this build; otherwise the job planned anew with these.
    ///
    /// Asked by every unit that runs a network, before it does: so the report names what was run, and no rendition is made with
    /// two sets of weights, whatever was installed while the job waited.
    func restart(of work: Work) throws -> UnitOutcome? {
        if planner.hasNetworks(of: work.plan) { return nil }
        let plan: JobPlan
        do {
            plan = try planner.plan(work.plan.recipe, file: work.facts.description, index: work.facts.index)
        } catch let error where MediaFailure.outcome(of: error) == nil {
            let message = "The networks that the job was planned with are not in this build, which cannot do it with its own: \(error)."
            return .dead(UnitFailure(code: UnitFailure.networksChanged, message: message))
        }
        observer.logger.notice(
            "the job is begun anew with the networks of this build",
            metadata: ["planned": "\(work.plan.networks.map(\.name))", "now": "\(plan.networks.map(\.name))"])
        return .restart(JobRestart(plan: try JobUnits.document(plan), segments: JobUnits.units(of: plan)))
    }

    func document(_ value: some Encodable) throws -> JSONDocument {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return JSONDocument(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Runs a unit's work, and ends it for good where another attempt would meet the same damage. Where the device is lost, the
    /// worker ends; where the storage takes nothing, or other programs hold the device's memory, the unit is put back untried.
    func attempt(_ work: () async throws -> UnitOutcome) async throws -> UnitOutcome {
        do {
            return try await work()
        } catch is CancellationError {
            return .cancelled
        } catch {
            if let outcome = DeviceLoss.outcome(of: error) ?? StorageFailure.outcome(of: error) { return outcome }
            if let outcome = DeviceMemory.outcome(of: error) ?? MediaFailure.outcome(of: error) { return outcome }
            if let outcome = UnreadableDocument.outcome(of: error) { return outcome }
            throw error
        }
    }
}
