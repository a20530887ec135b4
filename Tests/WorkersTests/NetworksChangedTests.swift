import Domain
import Filters
import Foundation
import JobQueue
import Media
import ObjectStorage
import Pipeline
import Postgres
import Primitives
import Store
import TestSupport
import Testing
import Workers

/// Jobs that were planned by a build with other networks: what an upgrade finds in the queue.
@Suite(.timeLimit(.minutes(5))) struct NetworksChangedTests {
    @Test("A job that had only waited is planned anew, and its report names the weights it was made with") func waiting() async throws {
        try await WorkersBench.with { bench in
            let job = try await Job(bench)
            #expect(job.planned.networks.allSatisfy { $0.fileSHA256 == "0" })
            try await job.check(try await job.run())
        }
    }

    @Test(
        "A job that was half done begins anew: nothing of what other weights made is in its file",
        arguments: ["0", nil])
    func halfDone(sha256: String?) async throws {
        try await WorkersBench.with { bench in
            let job = try await Job(bench, sha256: sha256)
            try await bench.jobs.complete(try await bench.lease(.analyse).lease, result: UnitResult())
            // A segment without a packet log: the assembly would fail if it were taken.
            var result = UnitResult()
            result.object = ObjectKey("jobs/\(job.id)/made-by-other-weights")
            try await bench.jobs.complete(try await bench.lease(.encode).lease, result: result)
            try await job.check(try await job.run())
        }
    }

    @Test("A job whose networks are those of the build goes on where it was") func unchanged() async throws {
        try await WorkersBench.with { bench in
            let job = try await Job(bench, models: try WorkersBench.models.get())
            try await job.check(try await job.run(), restarts: 0)
        }
    }

    @Test("Two builds that work on one queue leave each other's jobs alone") func sideBySide() async throws {
        try await WorkersBench.with { bench in
            let builds = [try WorkersBench.models.get(), try Job.otherBuild()]
            let jobs = [try await Job(bench, models: builds[0]), try await Job(bench, models: builds[1])]
            let pools = try builds.map { try bench.workers(models: $0) }
            // Neither finds the other absent, whichever begins first.
            for (pool, build) in zip(pools, builds) {
                try await bench.jobs.announce(pool.worker, networks: JobPlanner(models: build).networkKeys)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pool in pools { group.addTask { await pool.run() } }
                group.addTask {
                    for job in jobs { try await job.waitForEnd() }
                    for pool in pools { pool.drain() }
                }
                try await group.waitForAll()
            }
            for job in jobs {
                let record = try #require(await bench.jobs.job(job.id))
                #expect(record.state == .succeeded, "\(String(describing: record.failure))")
                let report = try JSONDecoder().decode(JobReport.self, from: Data(try #require(record.report).text.utf8))
                #expect(report.networks == job.planned.networks)
                #expect(try await job.restarts() == 0)
            }
        }
    }

    @Test("A job that this build cannot plan fails, and says why") func impossible() async throws {
        try await WorkersBench.with { bench in
            _ = try await Job(bench, filters: #""denoiser": "DENOISE""#)
            let handler = AnalyseHandler(try bench.processing(models: FilterModels(scaling: [])))
            let outcome = try await handler.perform(try await bench.lease(.analyse), progress: UnitProgress())
            guard case .dead(let failure) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(failure.code == "NETWORKS_CHANGED" && failure.message.contains("denoise"), "\(failure)")
        }
    }
}

/// A processing of four frames in two segments, planned with networks of a name that this build has, but of other bytes.
private struct Job {
    let bench: WorkersBench
    let id: ID<Domain.Job>
    let video: ID<Video>
    let planned: JobPlan

    private static func options(_ filters: String) -> String {
        """
        {"filters": {\(filters)}, "filterSettings": {"dvres2Variant": "FINE_TUNING", "resolution": {"width": 132, "height": 76}},
        "encodingConfiguration": {"codec": "FFV1", "pixelFormat": {"yuv": "4:2:0", "bitDepth": 10}}}
        """
    }

    init(_ bench: WorkersBench, filters: String = #""scaler": "DVRES2""#, sha256: String? = "0") async throws {
        try await self.init(bench, filters: filters, models: try Self.otherBuild(sha256: sha256))
    }

    /// Networks of the names that this build has, of other bytes.
    static func otherBuild(sha256: String? = "0") throws -> FilterModels {
        let bundled = try WorkersBench.models.get()
        func other(_ identity: ModelIdentity) -> ModelIdentity {
            ModelIdentity(
                name: identity.name, version: identity.version, recipeSHA256: identity.recipeSHA256, fileSHA256: sha256,
                size: identity.size)
        }
        return FilterModels(
            scaling: bundled.scaling.map {
                FilterModels.Scaling(identity: other($0.identity), variant: $0.variant, ratio: $0.ratio, macPerSample: $0.macPerSample)
            }, chroma: bundled.chroma.map { FilterModels.ChromaGuide(identity: other($0.identity), macPerSample: $0.macPerSample) },
            denoising: bundled.denoising.map(other))
    }

    init(_ bench: WorkersBench, filters: String = #""scaler": "DVRES2""#, models: FilterModels) async throws {
        let clip = "\(bench.directory.path)/\(ID<Domain.Job>()).mov"
        let ffmpeg = Process()
        ffmpeg.executableURL = URL(filePath: "/usr/bin/env")
        ffmpeg.arguments = [
            "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=66x38:rate=25", "-frames:v", "4", "-c:v", "ffv1",
            "-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv", clip,
        ]
        try ffmpeg.run()
        ffmpeg.waitUntilExit()
        try #require(ffmpeg.terminationStatus == 0)

        let facts = try IngestedSource.examine(clip, context: MediaContext(observer: TestCluster.observer))
        let recipe = try ProcessingOptions(json: JSON(parsing: Self.options(filters))).validated(for: try #require(facts.format))
        let plan = try JobPlanner(models: models).plan(recipe, file: facts.description, index: facts.index)
            .cut(into: [FrameRange(0, 2), FrameRange(2, 4)])
        let video = try await bench.startProcessing(plan: try JobUnits.document(plan).text, segments: JobUnits.units(of: plan))
        let record = try #require(await bench.videos.get(video, scope: bench.scope))
        let source = try #require(record.source)
        try facts.save(in: bench.objects, for: VideoObjects(source))
        try bench.objects.put([UInt8](Data(contentsOf: URL(filePath: clip))), at: VideoObjects(source).file)
        (self.bench, self.video, planned) = (bench, video, plan)
        id = try #require(record.processingJob)
    }

    /// Works the queue off; the job's record.
    func run() async throws -> JobRecord {
        let workers = try bench.workers(models: try WorkersBench.models.get())
        async let working: Void = workers.run()
        try await waitForEnd()
        workers.drain()
        await working
        return try #require(await bench.jobs.job(id))
    }

    func waitForEnd() async throws {
        while try await bench.jobs.job(id)?.state == .active { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Times the job was begun anew.
    func restarts() async throws -> Int? {
        try await bench.pool.run { [id] in try $0.value("SELECT restarts FROM jobs WHERE id = \(id)", as: Int.self) }
    }

    /// The file is whole, and made with the networks of this build, which plan and report name.
    func check(_ job: JobRecord, restarts: Int = 1) async throws {
        #expect(job.state == .succeeded, "\(String(describing: job.failure))")
        let bundled = try WorkersBench.models.get().identities
        let report = try JSONDecoder().decode(JobReport.self, from: Data(try #require(job.report).text.utf8))
        #expect(report.networks.map(\.name) == ["dvres2_fine_tuning_x2", "dvres2_chroma"])
        #expect(bundled.isSuperset(of: report.networks))
        #expect(report.networks.allSatisfy { $0.fileSHA256?.count == 64 })
        #expect(try JobPlan(stored: job.plan.text).networks == report.networks)
        let file = try #require(await bench.videos.get(video, scope: bench.scope)?.file)
        let made = try IngestedSource.examine(bench.objects.path(of: file.key), context: MediaContext(observer: TestCluster.observer))
        #expect(made.index.count == 4)
        #expect(try await self.restarts() == restarts)
    }
}

extension WorkersBench {
    /// A pool for processing, as a server of a build with these networks has it.
    fileprivate func workers(models: FilterModels) throws -> WorkerPool {
        let context = try processing(models: models)
        return WorkerPool(
            database: database.configuration, pool: pool,
            handlers: [.analyse: AnalyseHandler(context), .encode: EncodeHandler(context), .assemble: AssembleHandler(context)],
            settings: WorkerPool.Settings(concurrency: 1, networks: JobPlanner(models: models).networkKeys),
            observer: TestCluster.observer)
    }
}
