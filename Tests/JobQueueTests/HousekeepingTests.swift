import JobQueue
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Reaper, sweeper and housekeeper", .timeLimit(.minutes(1)))
struct HousekeepingTests {
    @Test("the reaper gives a lost worker's unit to the next one")
    func reaper() async throws {
        try await QueueFixture.with { fixture in
            _ = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let lost = try await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .zero)
            #expect(lost.count == 1)
            let reaper = LeaseReaper(
                jobs: fixture.jobs, interval: .milliseconds(10), retryPolicy: RetryPolicy(base: .zero, cap: .zero),
                observer: TestCluster.observer)
            let running = Task { await reaper.run() }
            try await fixture.wait { try $0.value("SELECT 1 FROM segments WHERE state = 'available'", as: Int.self) != nil }
            running.cancel()
            await running.value
            let again = try await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .seconds(30))
            #expect(again.first?.attempt == 2)
        }
    }

    @Test("objects of ended jobs are swept once their time has come, and stay on the list when they cannot be")
    func sweeper() async throws {
        struct Refused: Error {}
        try await QueueFixture.with { fixture in
            _ = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let unit = try #require(
                await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .seconds(30)).first)
            try await fixture.jobs.complete(unit.lease, result: UnitResult())
            let store = GarbageStore(pool: fixture.pool)
            let deleted = Mutex<[ObjectKey]>([])
            let sweeper = GarbageSweeper(store: store, observer: TestCluster.observer) { key in deleted.withLock { $0.append(key) } }
            let refuser = GarbageSweeper(store: store, observer: TestCluster.observer) { _ in throw Refused() }
            #expect(try await sweeper.sweep() == 0)
            try await fixture.pool.run { try $0.execute("UPDATE garbage SET not_before = now()") }
            #expect(try await refuser.sweep() == 0)
            try await fixture.pool.run { try $0.execute("UPDATE garbage SET not_before = now()") }
            #expect(try await sweeper.sweep() == 1)
            #expect(deleted.withLock { $0.map(\.description) } == ["jobs/\(unit.job)"])
            #expect(try await sweeper.sweep() == 0)
        }
    }

    @Test("what fails in a round leaves the rest of it to be done")
    func failingItem() async throws {
        try await QueueFixture.with { fixture in
            _ = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let unit = try #require(
                await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .seconds(30)).first)
            try await fixture.jobs.complete(unit.lease, result: UnitResult())
            try await fixture.pool.run { connection in
                try connection.execute("UPDATE jobs SET ended_at = now() - interval '8 days' WHERE state <> 'active'")
                // An early item of the round fails, and so does one that goes through all teams.
                try connection.execute("ALTER TABLE appraisals RENAME TO elsewhere")
                try connection.execute("ALTER TABLE billing_accounts RENAME TO away")
            }
            try await Housekeeper(pool: fixture.pool, observer: TestCluster.observer).round()
            #expect(try await fixture.jobs.segments(of: unit.job).isEmpty)
        }
    }

    @Test("old segments of ended jobs are forgotten, reports and running jobs are not")
    func housekeeper() async throws {
        try await QueueFixture.with { fixture in
            let ended = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            let unit = try #require(
                await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: ID(), duration: .seconds(30)).first)
            var result = UnitResult()
            result.report = JSONDocument(#"{"kept": true}"#)
            try await fixture.jobs.complete(unit.lease, result: result)
            let running = try await fixture.start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            try await fixture.pool.run {
                try $0.execute("UPDATE jobs SET ended_at = now() - interval '8 days' WHERE state <> 'active'")
            }
            try await Housekeeper(pool: fixture.pool, observer: TestCluster.observer).round()
            #expect(try await fixture.jobs.segments(of: unit.job).isEmpty)
            #expect(try await fixture.jobs.report(of: ended.id, scope: fixture.scope)?.text == #"{"kept": true}"#)
            let job = try #require(await fixture.jobs.jobs(of: running.id, scope: fixture.scope).first)
            #expect(try await fixture.jobs.segments(of: job.id).count == 1)
        }
    }
}
