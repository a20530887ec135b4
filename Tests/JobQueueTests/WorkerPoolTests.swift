import Credentials
import Domain
import JobQueue
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// A handler that tells what happens to it and does what its script says.
final class ScriptedHandler: JobHandler {
    enum Step: Sendable, Equatable {
        case began(ID<Segment>, attempt: Int)
        case wasCancelled(ID<Segment>)
    }

    let steps: AsyncStream<Step>
    private let tell: AsyncStream<Step>.Continuation
    private let script: @Sendable (LeasedUnit, UnitProgress) async throws -> UnitOutcome
    private let running = Atomic<Int>(0)
    private let most = Atomic<Int>(0)

    init(_ script: @escaping @Sendable (LeasedUnit, UnitProgress) async throws -> UnitOutcome) {
        (steps, tell) = AsyncStream.makeStream()
        self.script = script
    }

    /// Most units that were under way at once.
    var mostAtOnce: Int { most.load(ordering: .relaxed) }

    func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        let count = running.add(1, ordering: .relaxed).newValue
        most.max(count, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        tell.yield(.began(unit.lease.segment, attempt: unit.attempt))
        do {
            return try await script(unit, progress)
        } catch {
            if Task.isCancelled { tell.yield(.wasCancelled(unit.lease.segment)) }
            throw error
        }
    }

    /// The next thing that happens.
    func next() async -> Step? {
        for await step in steps { return step }
        return nil
    }
}

/// A migrated database with a source ready to be processed.
struct QueueFixture {
    let database: TestDatabase
    let account: AccountStore.NewAccount
    let source: ID<Video>

    var pool: ConnectionPool { database.pool }
    var scope: TeamScope { TeamScope(account.team.id) }
    var jobs: JobStore { JobStore(pool: pool) }
    var videos: VideoStore { VideoStore(pool: pool) }

    static func with(_ body: (QueueFixture) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 6) { database in
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "a@example.com", name: "A", password: try PasswordHash.make("pw", cost: .cheap), teamName: "T")
            let source = ID<Video>()
            try await database.pool.run {
                try $0.execute(
                    """
                    INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, upload_status, upload_updated_at,
                        ingestion_status, ingestion_updated_at, file_name, file_size, file_key)
                    VALUES (\(source), \(account.team.id), \(account.user.id), \(account.defaultProject.id), 'master', 'S', \(source),
                        'DONE', now(), 'DONE', now(), 'a.mov', 1, 'videos/a/file')
                    """)
            }
            try await body(QueueFixture(database: database, account: account, source: source))
        }
    }

    func start(segments: [NewSegment]) async throws -> VideoRecord {
        try await jobs.start(
            NewProcessing(
                user: account.user.id, source: source, name: "R", options: .emptyObject, plan: .emptyObject, segments: segments),
            scope: scope)
    }

    func worker(_ handlers: [UnitKind: any JobHandler], concurrency: Int = 2, poll: Duration = .milliseconds(50)) -> WorkerPool {
        var settings = WorkerPool.Settings(concurrency: concurrency)
        settings.timing.poll = poll
        settings.timing.progress = .milliseconds(20)
        settings.retryPolicy = RetryPolicy(base: .milliseconds(10), cap: .milliseconds(20))
        return WorkerPool(
            database: database.configuration, pool: pool, handlers: handlers, settings: settings, observer: TestCluster.observer)
    }

    /// Waits for a change of the database that a worker makes.
    func wait(until condition: @Sendable @escaping (borrowing Connection) throws -> Bool) async throws {
        while try await !pool.run(condition) { await Task.yield() }
    }

    func waitForEnd(of video: ID<Video>) async throws {
        try await wait { connection in
            try connection.value("SELECT state <> 'active' FROM jobs WHERE video_id = \(video) AND kind = 'transcode'", as: Bool.self)
                == true
        }
    }
}

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

    @Test("a drain with patience lets units end, and returns when they have")
    func patientDrain() async throws {
        try await QueueFixture.with { fixture in
            let mayEnd = Mutex(false)
            let handler = ScriptedHandler { _, _ in
                while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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
            let handler = ScriptedHandler { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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

    @Test("new work is noticed by notification, without waiting for the poll")
    func notification() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in .succeeded(UnitResult()) }
            let pool = fixture.worker([.analyse: handler], poll: .seconds(3600))
            async let running: Void = pool.run()
            let first = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            try await fixture.waitForEnd(of: first.id)
            let second = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.error?.code == "NO_FRAMES")
        }
    }

    @Test("cancelling a job reaches the handler that works on it")
    func cancelReaches() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            guard case .began(let segment, _) = await handler.next() else { return }
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
            let handler = ScriptedHandler { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            guard case .began(let segment, _) = await handler.next() else { return }
            _ = try await fixture.videos.delete(video.id, scope: fixture.scope)
            #expect(await handler.next() == .wasCancelled(segment))
            pool.drain()
            await running
        }
    }

    @Test("draining finishes what is held and takes nothing more")
    func drain() async throws {
        try await QueueFixture.with { fixture in
            let (gate, open) = AsyncStream<Void>.makeStream()
            let handler = ScriptedHandler { _, _ in
                for await _ in gate { break }
                return .succeeded(UnitResult())
            }
            let held = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let pool = fixture.worker([.analyse: handler], concurrency: 1)
            async let running: Void = pool.run()
            _ = await handler.next()
            let waiting = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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

    @Test("cancelling the pool hands its units back untried")
    func handBack() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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

    @Test("progress is in the database while the unit is under way")
    func progress() async throws {
        try await QueueFixture.with { fixture in
            let (gate, open) = AsyncStream<Void>.makeStream()
            let handler = ScriptedHandler { _, progress in
                progress.report(done: 40, of: 80)
                for await _ in gate { break }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
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
                let video = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
                try await fixture.waitForEnd(of: video.id)
            }
            pool.drain()
            await running
        }
    }
}
