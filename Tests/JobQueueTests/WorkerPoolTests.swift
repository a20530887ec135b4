import Domain
import JobQueue
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Worker pool", .timeLimit(.minutes(1)))
struct WorkerPoolTests {
    @Test("a job's units are worked on stage by stage, within the bound, and its video is finished")
    func wholeJob() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, progress in
                progress.report(done: 1)
                return .succeeded(UnitResult())
            }
            let encodes = (0..<10).map { NewSegment(kind: .encode, stage: 1, ordinal: $0, weight: 1) }
            let video = try await fixture.start(
                segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)] + encodes + [NewSegment(kind: .assemble, stage: 2, weight: 1)])
            let pool = fixture.worker([.analyse: handler, .encode: handler, .assemble: handler], concurrency: 3)
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.status == .done)
            #expect(handler.mostAtOnce <= 3)
        }
    }

    @Test("new work is noticed by notification, without waiting for the poll")
    func notification() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in .succeeded(UnitResult()) }
            let pool = fixture.worker([.analyse: handler], poll: .seconds(3600))
            async let running: Void = pool.run()
            let first = try await fixture.startAnalysis()
            try await fixture.waitForEnd(of: first.id)
            let second = try await fixture.startAnalysis()
            try await fixture.waitForEnd(of: second.id)
            pool.drain()
            await running
        }
    }

    @Test("a failing unit is tried again, and succeeds in a later attempt")
    func retry() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { unit, _ in
                switch unit.attempt {
                case 1: throw UnitFailure(code: "READ_FAILED", message: "try again")
                case 2: return .retry(after: .zero, reason: UnitFailure(code: "READ_FAILED", message: "and again"))
                default: return .succeeded(UnitResult())
                }
            }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            let record = try #require(await fixture.videos.get(video.id, scope: fixture.scope))
            #expect(record.processing?.status == .done)
            let segments = try await fixture.jobs.segments(of: try #require(record.processingJob))
            #expect(segments.first?.attempt == 3)
        }
    }

    @Test("a job begun anew forgets what was finished, goes by its new plan, and takes its old units from their workers")
    func restart() async throws {
        try await QueueFixture.with { fixture in
            let plan = JSONDocument(#"{"networks": "new"}"#)
            let segments = [NewSegment(kind: .analyse, stage: 0, weight: 1), NewSegment(kind: .encode, stage: 1, weight: 1)]
            let done = Mutex<[String]>([])
            let analyse = ScriptedHandler { unit, _ in
                done.withLock { $0.append("analyse by \(unit.plan)") }
                return .succeeded(UnitResult())
            }
            let encode = ScriptedHandler { unit, progress in
                if unit.plan == plan {
                    done.withLock { $0.append("encode \(unit.ordinal) by \(unit.plan)") }
                    return .succeeded(UnitResult())
                }
                if unit.ordinal == 0 { return .succeeded(UnitResult()) }
                // News makes the heartbeat speak soon, which then learns that the lease is gone.
                var done: Int64 = 0
                while unit.ordinal == 1 {
                    done += 1
                    progress.report(done: done)
                    try await Task.sleep(for: .milliseconds(10))
                }
                return .restart(JobRestart(plan: plan, segments: segments))
            }
            let encodes = (0..<3).map { NewSegment(kind: .encode, stage: 1, ordinal: $0, weight: 1) }
            let video = try await fixture.start(segments: segments.prefix(1) + encodes)
            let pool = fixture.worker([.analyse: analyse, .encode: encode])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(done.withLock { $0 } == ["analyse by {}", "analyse by \(plan)", "encode 0 by \(plan)"])
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first { $0.kind == .transcode })
            #expect(job.state == .succeeded && job.plan == plan)
            #expect(try await fixture.jobs.segments(of: job.id).map(\.state) == [.succeeded, .succeeded])
        }
    }

    @Test("a job that is begun anew again and again fails, and says why")
    func restartLimit() async throws {
        try await QueueFixture.with { fixture in
            let segments = [NewSegment(kind: .analyse, stage: 0, weight: 1)]
            let begun = Mutex(0)
            let handler = ScriptedHandler { _, _ in
                begun.withLock { $0 += 1 }
                return .restart(JobRestart(plan: .emptyObject, segments: segments))
            }
            let video = try await fixture.start(segments: segments)
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(begun.withLock { $0 } == JobStore.restartLimit + 1)
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.error?.code == "NETWORKS_CHANGED")
        }
    }

    @Test("a unit that is dead fails its job with the reason")
    func dead() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in .dead(UnitFailure(code: "NO_FRAMES", message: "The video has no frames.")) }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.error?.code == "NO_FRAMES")
        }
    }

    @Test("progress is in the database while the unit is under way")
    func progress() async throws {
        try await QueueFixture.with { fixture in
            let (gate, open) = AsyncStream<Void>.makeStream()
            let handler = ScriptedHandler { _, progress in
                progress.report(done: 40, of: 80)
                for await _ in gate { break }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.wait { try $0.value("SELECT 1 FROM segments WHERE done = 40 AND weight = 80", as: Int.self) != nil }
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.progress == 50)
            open.yield()
            pool.drain()
            await running
        }
    }

    @Test("work goes on after every connection was cut")
    func survivesDisconnection() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in .succeeded(UnitResult()) }
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            for _ in 0..<3 {
                let administration = ConnectionPool(
                    try await TestCluster.running().administration, limit: 1, observer: TestCluster.observer)
                let name = fixture.database.configuration.database
                try await administration.run {
                    try $0.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = \(name)")
                }
                await administration.close()
                let video = try await fixture.startAnalysis()
                try await fixture.waitForEnd(of: video.id)
            }
            pool.drain()
            await running
        }
    }
}
