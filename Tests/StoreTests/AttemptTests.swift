import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// Which attempts of a unit count.
@Suite("Attempts")
struct AttemptTests {
    private static let failure = UnitFailure(code: UnitFailure.storageUnavailable, message: "The storage is full.")

    @Test("a postponed unit rests while others go on, and has made no attempt, however often")
    func postponed() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source)
            let other = try await fixture.startProcessing(of: source)
            let job = try #require(video.processingJob)
            for _ in 0..<10 {
                let unit = try #require(await fixture.lease(.analyse))
                #expect(unit.video == video.id && unit.attempt == 1)
                try await fixture.jobs.postpone(unit.lease, by: .seconds(60), reason: Self.failure)
                let jobs = fixture.jobs
                await #expect(throws: LeaseLost.self) { try await jobs.postpone(unit.lease, by: .zero, reason: Self.failure) }
                let next = try #require(await fixture.lease(.analyse))
                #expect(next.video == other.id)
                try await fixture.jobs.release(next.lease)
                let rest = try await fixture.pool.run {
                    try $0.value(
                        "SELECT extract(epoch FROM not_before - now())::float8 FROM segments WHERE job_id = \(job) AND stage = 0",
                        as: Double.self)
                }
                #expect(try #require(rest) > 50)
                #expect(try await fixture.jobs.statistics().waitingForStorage == 1)
                try await fixture.pool.run { try $0.execute("UPDATE segments SET not_before = now() WHERE job_id = \(job) AND stage = 0") }
            }
            #expect(try await fixture.jobs.statistics().waitingForStorage == 0)
            let unit = try #require(await fixture.jobs.segments(of: job).first)
            #expect(unit.state == .available && unit.attempt == 0 && unit.lastError == Self.failure)
            #expect(try await fixture.completeNext(.analyse).video == video.id)
        }
    }

    @Test("attempts of a transfer count from one again when it came further, and not for a trickle")
    func credited() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.startImport()
            let jobs = fixture.jobs
            for round in 1...12 {
                let unit = try #require(await fixture.lease(.importSource))
                #expect(unit.attempt == min(round, 2))
                #expect(try await jobs.heartbeat(unit.lease, done: nil, weight: 1600, duration: .seconds(30)) == .held)
                // Told twice, as after an answer that was lost.
                for _ in 0..<2 { #expect(try await jobs.creditProgress(unit.lease, done: Int64(round * 100)).number == 1) }
                #expect(try await jobs.retry(unit.lease, after: .zero, reason: Self.failure) == .scheduled)
            }
            for attempt in 2...5 {
                let unit = try #require(await fixture.lease(.importSource))
                #expect(unit.attempt == attempt)
                #expect(try await jobs.creditProgress(unit.lease, done: Int64(1200 + 99 * (attempt - 1))).number == attempt)
                #expect(try await jobs.retry(unit.lease, after: .zero, reason: Self.failure) == (attempt < 5 ? .scheduled : .buried))
                await #expect(throws: LeaseLost.self) { _ = try await jobs.creditProgress(unit.lease, done: 1600) }
            }
        }
    }

    @Test("without word of its own a transfer is credited what its heartbeats told")
    func heartbeats() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.startImport()
            let first = try #require(await fixture.lease(.importSource))
            #expect(try await fixture.jobs.retry(first.lease, after: .zero, reason: Self.failure) == .scheduled)
            let second = try #require(await fixture.lease(.importSource))
            #expect(try await fixture.jobs.heartbeat(second.lease, done: 500, weight: 1600, duration: .seconds(30)) == .held)
            #expect(try await fixture.jobs.creditProgress(second.lease, done: nil).number == 1)
        }
    }

    @Test("a copy that came further outlasts lost workers, in its last attempt too; one that stands still does not")
    func lostWorkers() async throws {
        try await Fixture.with { fixture in
            let video = try await fixture.startImport()
            for _ in 1...4 {
                let unit = try #require(await fixture.lease(.importSource))
                #expect(try await fixture.jobs.retry(unit.lease, after: .zero, reason: Self.failure) == .scheduled)
            }
            for round in 1...JobStore.crashLimit + 1 {
                let unit = try #require(await fixture.lease(.importSource))
                #expect(unit.attempt == (round == 1 ? 5 : 2))
                let done = Int64(round) * JobStore.creditedGrowth
                #expect(
                    try await fixture.jobs.heartbeat(unit.lease, done: done, weight: 1 << 40, duration: .seconds(30)) == .held)
                try await fixture.expireLeases()
                #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
                let segment = try #require(await fixture.jobs.segments(of: unit.job).first { $0.kind == .importSource })
                #expect(segment.state == .available && segment.attempt == 1 && segment.crashes == 0)
            }
            for loss in 1...JobStore.crashLimit {
                let unit = try #require(await fixture.lease(.importSource))
                #expect(unit.attempt == loss + 1)
                try await fixture.expireLeases()
                #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
            }
            #expect(try await fixture.jobs.jobs(of: video.id, scope: fixture.scope).contains { $0.state == .dead })
        }
    }

    @Test("progress that a failure is recorded with makes earlier lost workers count no more")
    func forgottenLosses() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.startImport()
            for _ in 1..<JobStore.crashLimit {
                _ = try #require(await fixture.lease(.importSource))
                try await fixture.expireLeases()
                #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
            }
            let unit = try #require(await fixture.lease(.importSource))
            #expect(try await fixture.jobs.creditProgress(unit.lease, done: JobStore.creditedGrowth).number == 1)
            let segment = try #require(await fixture.jobs.segments(of: unit.job).first { $0.kind == .importSource })
            #expect(segment.crashes == 0)
        }
    }

    @Test("a lease that ran out while nothing could be written costs neither attempt nor lost worker; one that did before costs both")
    func excused() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let job = try #require(await fixture.startProcessing(of: source).processingJob)
            let unableSince = ContinuousClock.now - .seconds(10)
            for _ in 0...5 {
                let unit = try #require(await fixture.lease(.analyse))
                #expect(unit.attempt == 1)
                try await fixture.expireLeases()
                #expect(try await fixture.jobs.reapExpired(unableSince: unableSince, delay: Fixture.long) == 1)
                let segment = try #require(await fixture.jobs.segments(of: job).first)
                #expect(segment.state == .available && segment.attempt == 0 && segment.crashes == 0 && segment.startedAt == nil)
                #expect(segment.lastError?.code == UnitFailure.storageUnavailable)
            }
            _ = try #require(await fixture.lease(.analyse))
            try await fixture.pool.run {
                try $0.execute("UPDATE segments SET lease_expires_at = now() - interval '1 hour' WHERE state = 'leased'")
            }
            #expect(try await fixture.jobs.reapExpired(unableSince: unableSince, delay: Fixture.none) == 1)
            let segment = try #require(await fixture.jobs.segments(of: job).first)
            #expect(segment.attempt == 1 && segment.crashes == 1)
        }
    }
}
