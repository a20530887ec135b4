import Domain
import JobQueue
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// What happens to units while the storage or the database takes nothing.
@Suite("Worker pool, full disks", .timeLimit(.minutes(1)))
struct StorageTests {
    private static let full = UnitFailure(code: UnitFailure.storageUnavailable, message: "The storage is full.")

    @Test("units of any kind that cannot be written go back untried, however often, and cost no finished segment")
    func untried() async throws {
        try await QueueFixture.with { fixture in
            let refusals = 8
            let begun = Mutex<[ID<Segment>: [Int]]>([:])
            let handler = ScriptedHandler { unit, _ in
                let attempts = begun.withLock { begun in
                    begun[unit.lease.segment, default: []].append(unit.attempt)
                    return begun[unit.lease.segment, default: []].count
                }
                let isRefused = unit.kind != .encode || unit.ordinal == 1
                return isRefused && attempts <= refusals ? .postponed(Self.full) : .succeeded(UnitResult())
            }
            let encodes = (0..<3).map { NewSegment(kind: .encode, stage: 1, ordinal: $0, weight: 1) }
            let video = try await fixture.start(
                segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)] + encodes + [NewSegment(kind: .assemble, stage: 2, weight: 1)])
            let pool = fixture.worker([.analyse: handler, .encode: handler, .assemble: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.status == .done)
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first { $0.kind == .transcode })
            for unit in try await fixture.jobs.segments(of: job.id) {
                #expect(unit.state == .succeeded && unit.attempt == 1 && unit.crashes == 0)
                let isRefused = unit.kind != .encode || unit.ordinal == 1
                #expect(begun.withLock { $0[unit.id] } == Array(repeating: 1, count: isRefused ? refusals + 1 : 1))
            }
        }
    }

    @Test("a unit that cannot be written leaves its place to others, and is counted meanwhile")
    func others() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { unit, _ in unit.ordinal == 0 ? .postponed(Self.full) : .succeeded(UnitResult()) }
            let video = try await fixture.start(segments: (0..<4).map { NewSegment(kind: .encode, stage: 0, ordinal: $0, weight: 1) })
            let pool = fixture.worker([.encode: handler], concurrency: 1, storageRest: .seconds(3600))
            async let running: Void = pool.run()
            let job = try #require(video.processingJob)
            try await fixture.wait { connection in
                try connection.value("SELECT count(*) FROM segments WHERE job_id = \(job) AND state = 'succeeded'", as: Int.self) == 3
            }
            pool.drain()
            await running
            let unit = try #require(await fixture.jobs.segments(of: job).first)
            #expect(unit.state == .available && unit.attempt == 0 && unit.startedAt == nil && unit.lastError == Self.full)
            #expect(try await fixture.jobs.statistics().waitingForStorage == 1)
            #expect(try await fixture.jobs.job(job)?.state == .active)
            #expect(WorkerPool.Timing().storageRest >= .seconds(60))
        }
    }

    @Test("a unit that a full or read-only database stops is put back untried", arguments: ["53100", "25006"])
    func database(state: String) async throws {
        try await QueueFixture.with { fixture in
            let begun = Mutex<[Int]>([])
            let handler = ScriptedHandler { unit, _ in
                let count = begun.withLock { begun in
                    begun.append(unit.attempt)
                    return begun.count
                }
                if count <= 7 {
                    try await fixture.pool.run {
                        try $0.run(unescapedScript: "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)'; END $$")
                    }
                }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(begun.withLock { $0 } == Array(repeating: 1, count: 8))
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.status == .done)
        }
    }

    @Test(
        "a finished unit is recorded although the database refuses it twice, and is not done again",
        arguments: ["57014", "25006", "53100"])
    func refusedOutcome(state: String) async throws {
        try await QueueFixture.with { fixture in
            // A sequence goes on counting where a transaction is undone.
            try await fixture.pool.run {
                try $0.run(
                    unescapedScript: """
                        CREATE SEQUENCE refusals;
                        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN
                            IF nextval('refusals') <= 2 THEN RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)'; END IF;
                            RETURN NEW;
                        END $$;
                        CREATE TRIGGER refuse BEFORE UPDATE ON segments FOR EACH ROW WHEN (NEW.state = 'succeeded')
                            EXECUTE FUNCTION refuse()
                        """)
            }
            let begun = Mutex(0)
            let handler = ScriptedHandler { _, _ in
                begun.withLock { $0 += 1 }
                return .succeeded(UnitResult())
            }
            let video = try await fixture.startAnalysis()
            let pool = fixture.worker([.analyse: handler])
            async let running: Void = pool.run()
            try await fixture.waitForEnd(of: video.id)
            pool.drain()
            await running
            #expect(begun.withLock { $0 } == 1)
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first { $0.kind == .transcode })
            let unit = try #require(await fixture.jobs.segments(of: job.id).first)
            #expect(unit.state == .succeeded && unit.attempt == 1 && unit.crashes == 0)
        }
    }

    @Test("leases that run out while the database takes no changes cost no attempt and no lost worker, however often")
    func refusedRenewals() async throws {
        try await QueueFixture.with { fixture in
            // Refuses all but what the test does to leases. A sequence goes on counting where a transaction is undone.
            try await fixture.pool.run {
                try $0.run(
                    unescapedScript: """
                        CREATE SEQUENCE refusals;
                        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN
                            PERFORM nextval('refusals');
                            RAISE EXCEPTION 'refused' USING ERRCODE = '53100';
                        END $$;
                        CREATE TRIGGER refuse BEFORE UPDATE ON segments FOR EACH ROW
                            WHEN ((NEW.lease_expires_at < OLD.lease_expires_at) IS NOT TRUE) EXECUTE FUNCTION refuse();
                        ALTER TABLE segments DISABLE TRIGGER refuse
                        """)
            }
            let job = try #require(await fixture.startAnalysis().processingJob)
            let reaper = LeaseReaper(
                jobs: fixture.jobs, interval: .milliseconds(5), retryPolicy: RetryPolicy(base: .zero, cap: .zero),
                observer: TestCluster.observer)
            let reaping = Task { await reaper.run() }
            defer { reaping.cancel() }
            for _ in 0...5 {
                let unit = try #require(await Self.lease(fixture))
                #expect(unit.attempt == 1)
                try await fixture.pool.run { try $0.run(unescapedScript: "ALTER TABLE segments ENABLE TRIGGER refuse") }
                // The reaper notices before a lease has run out, and after.
                try await Self.waitForRefusal(fixture)
                try await fixture.pool.run { try $0.execute("UPDATE segments SET lease_expires_at = now() WHERE state = 'leased'") }
                try await Self.waitForRefusal(fixture)
                try await fixture.pool.run { try $0.run(unescapedScript: "ALTER TABLE segments DISABLE TRIGGER refuse") }
                try await fixture.wait { try $0.value("SELECT 1 FROM segments WHERE state <> 'leased'", as: Int.self) != nil }
            }
            let last = try #require(await Self.lease(fixture))
            try await fixture.jobs.complete(last.lease, result: UnitResult())
            reaping.cancel()
            await reaping.value
            let unit = try #require(await fixture.jobs.segments(of: job).first)
            #expect(unit.state == .succeeded && unit.attempt == 1 && unit.crashes == 0)
        }
    }

    private static func lease(_ fixture: QueueFixture) async throws -> LeasedUnit? {
        try await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .seconds(3600)).first
    }

    /// Waits until the trigger refuses one change more.
    private static func waitForRefusal(_ fixture: QueueFixture) async throws {
        let count: SQL = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM refusals"
        let before = try await fixture.pool.run { try $0.value(count, as: Int.self) ?? 0 }
        try await fixture.wait { try ($0.value(count, as: Int.self) ?? 0) > before }
    }

    @Test("a copy that advances from failure to failure has its attempts anew; one that stands still ends after five")
    func advancing() async throws {
        try await QueueFixture.with { fixture in
            let record = try await ImportStore(pool: fixture.pool).start(
                NewImport(
                    team: fixture.account.team.id, user: fixture.account.user.id, project: fixture.account.defaultProject.id, name: "Reel",
                    file: AnnouncedFile(name: "reel.mov", size: 16_000, mimeType: nil), request: .emptyObject, sealedSecret: [1]))
            let begun = Mutex<[Int]>([])
            let handler = ScriptedHandler { unit, progress in
                let count = begun.withLock { begun in
                    begun.append(unit.attempt)
                    return begun.count
                }
                progress.report(done: Int64(min(count, 10)) * 1000, of: 16_000)
                return .retry(after: nil, reason: UnitFailure(code: "CONNECTION_LOST", message: "The source was away."))
            }
            let pool = fixture.worker([.importSource: handler])
            async let running: Void = pool.run()
            try await fixture.wait { connection in
                try connection.value("SELECT state = 'dead' FROM jobs WHERE video_id = \(record.id)", as: Bool.self) == true
            }
            pool.drain()
            await running
            #expect(begun.withLock { $0 } == [1] + Array(repeating: 2, count: 9) + [2, 3, 4, 5])
        }
    }

    @Test("a copy that has little to lose is not waited for long; one that has come far is", arguments: [false, true])
    func restOfTransfers(isFar: Bool) async throws {
        try await QueueFixture.with { fixture in
            let record = try await ImportStore(pool: fixture.pool).start(
                NewImport(
                    team: fixture.account.team.id, user: fixture.account.user.id, project: fixture.account.defaultProject.id, name: "Reel",
                    file: AnnouncedFile(name: "reel.mov", size: 1 << 30, mimeType: nil), request: .emptyObject, sealedSecret: [1]))
            let handler = ScriptedHandler { _, progress in
                progress.report(done: JobStore.creditedGrowth - (isFar ? 0 : 1), of: 1 << 30)
                return .retry(after: nil, reason: UnitFailure(code: "CONNECTION_LOST", message: "The source was away."))
            }
            let pool = fixture.worker([.importSource: handler], transferRest: .seconds(86_400))
            async let running: Void = pool.run()
            try await fixture.wait { connection in
                let rests: SQL = "SELECT bool_or(not_before > now() + interval '1 hour') FROM segments WHERE kind = 'import'"
                let ended: SQL = "SELECT state = 'dead' FROM jobs WHERE video_id = \(record.id)"
                return try connection.value(isFar ? rests : ended, as: Bool.self) == true
            }
            pool.drain()
            await running
        }
    }
}
