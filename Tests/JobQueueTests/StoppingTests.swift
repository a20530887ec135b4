import Domain
import JobQueue
import Store
import Synchronization
import Testing

/// How units end that are not let go on: drained, handed back, cancelled.
@Suite("Worker pool, stopping", .timeLimit(.minutes(1)))
struct StoppingTests {
    @Test("draining finishes what is held and takes nothing more")
    func drain() async throws {
        try await QueueFixture.with { fixture in
            let (gate, open) = AsyncStream<Void>.makeStream()
            let handler = ScriptedHandler { _, _ in
                for await _ in gate { break }
                return .succeeded(UnitResult())
            }
            let held = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler], concurrency: 1)
            async let running: Void = pool.run()
            _ = await handler.next()
            let waiting = try await fixture.startAnalysis()
            pool.drain()
            open.yield()
            await running
            let states = try await [
                fixture.jobs.jobs(of: held.id, scope: fixture.scope).last?.state,
                fixture.jobs.jobs(of: waiting.id, scope: fixture.scope).last?.state,
            ]
            #expect(states == [.succeeded, .active])
        }
    }

    @Test("a drain with patience lets units end, and returns when they have")
    func patientDrain() async throws {
        try await QueueFixture.with { fixture in
            let mayEnd = Mutex(false)
            let handler = ScriptedHandler { _, _ in
                while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            _ = await handler.next()
            async let drained: Void = pool.drain(within: .seconds(3600))
            mayEnd.withLock { $0 = true }
            await drained
            #expect(pool.runningCount == 0)
            await running
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.status == .done)
        }
    }

    @Test("what outlasts a drain's patience is handed back, untried")
    func impatientDrain() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler.endless()
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            _ = await handler.next()
            await pool.drain(within: .zero)
            await running
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first { $0.kind == .transcode })
            let unit = try #require(await fixture.jobs.segments(of: job.id).first)
            #expect(unit.state == .available && unit.attempt == 0 && unit.crashes == 0)
        }
    }

    @Test("cancelling the pool hands its units back untried")
    func handBack() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler.endless()
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            let running = Task { await pool.run() }
            _ = await handler.next()
            running.cancel()
            await running.value
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first)
            let segment = try #require(await fixture.jobs.segments(of: job.id).first)
            #expect(segment.state == .available)
            #expect(segment.attempt == 0)
        }
    }

    @Test("cancelling a job reaches the handler that works on it")
    func cancelReaches() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler.endless()
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            let segment = try #require(await handler.next()?.begun)
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first)
            try await fixture.jobs.cancel(job.id, scope: fixture.scope)
            #expect(await handler.next() == .wasCancelled(segment))
            pool.drain()
            await running
            #expect(try await fixture.jobs.job(job.id)?.state == .cancelled)
        }
    }

    @Test("deleting a video reaches the handler that works on it")
    func deleteReaches() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler.endless()
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            let segment = try #require(await handler.next()?.begun)
            _ = try await fixture.videos.delete(video.id, scope: fixture.scope)
            #expect(await handler.next() == .wasCancelled(segment))
            pool.drain()
            await running
        }
    }
}
