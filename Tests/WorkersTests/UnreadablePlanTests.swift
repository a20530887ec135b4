import Domain
import Filters
import Foundation
import GPU
import JobQueue
import Pipeline
import Postgres
import Primitives
import Store
import TestSupport
import Testing
import Workers

/// Jobs whose plans this build cannot read.
@Suite(.timeLimit(.minutes(2))) struct UnreadablePlanTests {
    @Test(
        "The job fails at its first unit, with the reason where its owner sees it",
        arguments: [
            ("{}", "plan format 'none'"), (#"{"format":"remaster-plan/1"}"#, "plan format 'remaster-plan/1'"),
            (#"{"format":"remaster-plan/2"}"#, "recipe is missing"),
        ])
    func plans(_ plan: String, _ reason: String) async throws {
        try await WorkersBench.with { bench in
            let started = try await bench.startProcessing(plan: plan)
            let unit = try await bench.lease(.analyse)
            let outcome = try await AnalyseHandler(try bench.processing()).perform(unit, progress: UnitProgress())
            guard case .dead(let failure) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(failure.code == "STORED_FORM_UNREADABLE")
            #expect(failure.message.contains(reason), "\(failure.message)")
            try await bench.jobs.bury(unit.lease, reason: failure)
            let processing = try #require(await bench.videos.get(started, scope: bench.scope)?.processing)
            #expect(processing.status == .failed && processing.error == failure)
        }
    }

    @Test("So does a plan whose steps do not fit together, which no attempt can run") func contradiction() {
        guard case .dead(let failure)? = UnreadableDocument.outcome(of: PipelineError.planContradiction("one meets the other")) else {
            Issue.record("another attempt would be made")
            return
        }
        #expect(failure.code == "STORED_FORM_UNREADABLE" && failure.message.contains("one meets the other. Start it anew."))
        #expect(UnreadableDocument.outcome(of: PipelineError.conditionsMissing) == nil)
    }

    @Test("So does an import whose request cannot be read") func request() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.startImport("masters/ferry.mov", bench.credentials)
            try await bench.pool.run { try $0.execute("UPDATE imports SET request = '{}' WHERE video_id = \(video.id)") }
            let outcome = try await bench.importHandler().perform(try await bench.lease(.importSource), progress: UnitProgress())
            guard case .dead(let failure) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(failure.code == "STORED_FORM_UNREADABLE" && failure.message.contains("maximumConnections"), "\(failure)")
        }
    }
}

extension WorkersBench {
    private static let engine = Result { Engine(device: try Instance().openDevice()) }
    static let models = Result { try FilterModels.bundled() }

    /// - Parameter models: the networks of the build; nil for those it has.
    func processing(models: FilterModels? = nil) throws -> ProcessingContext {
        ProcessingContext(
            videos: videos, jobs: jobs, objects: objects, engine: try Self.engine.get(),
            planner: JobPlanner(models: try models ?? Self.models.get()),
            device: JobReport.DeviceFacts(name: "none", driver: "none", apiVersion: "1.0"), observer: TestCluster.observer)
    }

    /// A processing of a master that is there, by playing the workers; the video to be.
    func startProcessing(
        plan: String, segments: [NewSegment] = [NewSegment(kind: .analyse, stage: 0, weight: 1)]
    ) async throws -> ID<Video> {
        let master = try await startImport("masters/ferry.mov", credentials)
        var file = UnitResult()
        file.file = StoredFile(
            name: "ferry.mov", size: 1, mimeType: "video/quicktime", containerName: "QuickTime", crc32c: 0,
            key: try #require(ObjectKey("videos/\(master.id)/file")), lastModified: Date())
        try await jobs.complete(try await lease(.importSource).lease, result: file)
        try await jobs.complete(try await lease(.ingest).lease, result: UnitResult())
        return try await jobs.start(
            NewProcessing(
                user: account.user.id, source: master.id, name: "Restored", options: JSONDocument("{}"), plan: JSONDocument(plan),
                segments: segments), scope: scope
        ).id
    }
}
