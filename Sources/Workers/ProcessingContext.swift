import Domain
import Foundation
import JobQueue
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
    let device: JobReport.DeviceFacts
    let observer: Observer

    package init(
        videos: VideoStore, jobs: JobStore, objects: FileObjectStore, engine: Engine, device: JobReport.DeviceFacts, observer: Observer
    ) {
        self.videos = videos
        self.jobs = jobs
        self.objects = objects
        self.engine = engine
        self.device = device
        self.observer = observer
    }

    /// A unit's plan with the file it reads.
    struct Work: Sendable {
        let plan: JobPlan
        let source: String
        let index: FrameIndex
    }

    /// - Throws: `UnitFailure` when the source is gone, `PipelineError` when the plan cannot be read.
    func work(of unit: LeasedUnit) async throws -> Work {
        let plan = try JobPlan(stored: unit.plan.text)
        guard let source = unit.source, let file = try await videos.get(source, scope: TeamScope(teams: [unit.team]))?.file else {
            throw UnitFailure(code: "SOURCE_GONE", message: "The source video or its file is gone.", details: nil)
        }
        let index = try IngestedSource.load(from: objects, for: VideoObjects(source)).index
        return Work(plan: plan, source: objects.path(of: file.key), index: index)
    }

    /// The stored result of a finished unit of the same job.
    func results<Result: Decodable>(of kind: UnitKind, job: ID<Job>, as: Result.Type) async throws -> [Result] {
        try await jobs.segments(of: job).filter { $0.kind == kind }.sorted { $0.ordinal < $1.ordinal }.map { unit in
            guard let document = unit.result else {
                throw UnitFailure(code: "RESULT_MISSING", message: "A finished \(kind.rawValue) unit has no result.", details: nil)
            }
            do { return try JSONDecoder().decode(Result.self, from: Data(document.text.utf8)) } catch let error as DecodingError {
                throw UnreadableDocument("The result of a finished \(kind.rawValue) unit of this job", error)
            }
        }
    }

    func document(_ value: some Encodable) throws -> JSONDocument {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return JSONDocument(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Runs a unit's work, and ends it for good where another attempt would meet the same damage.
    func attempt(_ work: () async throws -> UnitOutcome) async throws -> UnitOutcome {
        do {
            return try await work()
        } catch is CancellationError {
            return .cancelled
        } catch {
            if let outcome = MediaFailure.outcome(of: error) ?? UnreadableDocument.outcome(of: error) { return outcome }
            throw error
        }
    }
}
