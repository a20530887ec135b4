import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Queue")
struct QueueTests {
    @Test("concurrent workers never lease the same segment, and lease all of them")
    func exclusive() async throws {
        try await Fixture.with(connections: 8) { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source, segments: 60)
            try await fixture.completeNext(.analyse)
            let jobs = fixture.jobs
            let leased = try await withThrowingTaskGroup(of: [ID<Segment>].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var mine: [ID<Segment>] = []
                        while true {
                            let units = try await jobs.lease(kinds: [.encode], limit: 2, worker: ID(), duration: .seconds(30))
                            if units.isEmpty { return mine }
                            mine += units.map(\.lease.segment)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(leased.count == 60)
            #expect(Set(leased).count == 60)
        }
    }

    @Test("a stage begins when every unit below it has succeeded, whichever finishes last")
    func stageOrder() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source, segments: 2)
            #expect(try await fixture.lease(.encode) == nil)
            try await fixture.completeNext(.analyse)
            let first = try #require(await fixture.lease(.encode))
            let second = try #require(await fixture.lease(.encode))
            #expect(first.frames == FrameRange(0, 100))
            #expect(second.frames == FrameRange(100, 200))
            try await fixture.jobs.complete(second.lease, result: UnitResult())
            #expect(try await fixture.lease(.assemble) == nil)
            try await fixture.jobs.complete(first.lease, result: UnitResult())
            let assembly = try #require(await fixture.lease(.assemble))
            #expect(assembly.video == video.id)
            #expect(assembly.source == source.id)
            #expect(assembly.plan.text == #"{"plan": 1}"#)
        }
    }

    @Test("a unit reads the segments of the stages below its own, in order, and no others")
    func lowerStages() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source, segments: 3)
            let job = try #require(video.processingJob)
            var below: [[String]] = []
            for stage in 0...3 {
                below.append(try await fixture.jobs.segments(of: job, below: stage).map { "\($0.kind) \($0.ordinal)" })
            }
            let encodes = ["encode 0", "encode 1", "encode 2"]
            #expect(below == [[], ["analyse 0"], ["analyse 0"] + encodes, ["analyse 0"] + encodes + ["assemble 0"]])
        }
    }

    @Test("the last units of a stage, finishing at once, open the next stage exactly once")
    func simultaneousEnd() async throws {
        try await Fixture.with(connections: 8) { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source, segments: 12)
            try await fixture.completeNext(.analyse)
            let units = try await fixture.jobs.lease(kinds: [.encode], limit: 12, worker: ID(), duration: .seconds(30))
            let jobs = fixture.jobs
            try await withThrowingTaskGroup(of: Void.self) { group in
                for unit in units { group.addTask { try await jobs.complete(unit.lease, result: UnitResult()) } }
                try await group.waitForAll()
            }
            #expect(try await fixture.lease(.assemble) != nil)
            #expect(try await fixture.lease(.assemble) == nil)
        }
    }

    @Test("units of one job that ask for its new beginning at once begin it once; one whose job has ended begins nothing")
    func simultaneousRestart() async throws {
        try await Fixture.with(connections: 8) { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source, segments: 2)
            let job = try #require(video.processingJob)
            try await fixture.completeNext(.analyse)
            let units = try await fixture.jobs.lease(kinds: [.encode], limit: 2, worker: ID(), duration: .seconds(30))
            let restart = JobRestart(plan: JSONDocument(#"{"plan": 2}"#), segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            // Both wait for the job's row, and find out together that they may go on.
            let begun = try await fixture.whileJobIsLocked(job, waiting: 2) {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for unit in units { group.addTask { try await fixture.begins(unit, restart) } }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
            }
            #expect(begun == 1)
            let counted = try await fixture.pool.run { try $0.value("SELECT restarts FROM jobs WHERE id = \(job)", as: Int.self) }
            #expect(counted == 1)

            let unit = try #require(await fixture.lease(.analyse))
            let cancelling: SQL = """
                UPDATE segments SET state = 'cancelled', ended_at = now(), lease_token = NULL, lease_holder = NULL,
                    lease_expires_at = NULL WHERE job_id = \(job)
                """
            let late = try await fixture.whileJobIsLocked(job, waiting: 1, changing: cancelling) {
                try await fixture.begins(unit, restart)
            }
            #expect(!late)
            #expect(try await fixture.jobs.segments(of: job).map(\.state) == [.cancelled])
        }
    }

    @Test("units stay with workers that have their networks, until there are none", arguments: [true, false])
    func networks(withdraws: Bool) async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let segments = [NewSegment(kind: .analyse, stage: 0, weight: 1, networks: [1, -2])]
            let new = NewProcessing(
                user: fixture.account.user.id, source: source.id, name: "Restored", options: .emptyObject, plan: .emptyObject,
                segments: segments)
            _ = try await fixture.jobs.start(new, scope: fixture.scope)
            let (old, upgraded) = (ID<Worker>(), ID<Worker>())
            func lease(_ worker: ID<Worker>, _ networks: [Int]) async throws -> LeasedUnit? {
                try await fixture.jobs.lease(
                    kinds: [.analyse], limit: 1, worker: worker, networks: networks, duration: .seconds(30)
                ).first
            }
            try await fixture.jobs.announce(old, networks: [-2, 1, 3])
            try await fixture.jobs.announce(upgraded, networks: [1, 4])
            #expect(try await lease(upgraded, [1, 4]) == nil)
            try await fixture.jobs.release(try #require(await lease(old, [-2, 1, 3])).lease)
            #expect(try await lease(upgraded, [1, 4]) == nil)
            if withdraws {
                try await fixture.jobs.withdraw(old)
            } else {
                try await fixture.pool.run {
                    try $0.execute("UPDATE worker_networks SET seen_at = now() - interval '61 seconds' WHERE worker = \(old)")
                }
            }
            #expect(try await lease(upgraded, [1, 4]) != nil)
        }
    }

    @Test("older jobs go first, higher priorities before them")
    func order() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let older = try await fixture.startProcessing(of: source)
            let newer = try await fixture.startProcessing(of: source)
            var urgent = NewProcessing(
                user: fixture.account.user.id, source: source.id, name: "Urgent", options: .emptyObject, plan: .emptyObject,
                segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)])
            urgent.priority = 1
            let first = try await fixture.jobs.start(urgent, scope: fixture.scope)
            let units = [try await fixture.lease(.analyse), try await fixture.lease(.analyse), try await fixture.lease(.analyse)]
            #expect(units.map { $0?.video } == [first.id, older.id, newer.id])
        }
    }

    @Test("a worker whose lease was taken over changes nothing any more")
    func zombie() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source)
            let zombie = try #require(await fixture.lease(.analyse))
            try await fixture.expireLeases()
            #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
            let heir = try #require(await fixture.lease(.analyse))
            #expect(heir.lease.segment == zombie.lease.segment)
            #expect(heir.attempt == 2)
            let jobs = fixture.jobs
            let failure = UnitFailure(code: "X", message: "x")
            await #expect(throws: LeaseLost.self) { try await jobs.complete(zombie.lease, result: UnitResult()) }
            await #expect(throws: LeaseLost.self) { try await jobs.bury(zombie.lease, reason: failure) }
            await #expect(throws: LeaseLost.self) { _ = try await jobs.retry(zombie.lease, after: .zero, reason: failure) }
            await #expect(throws: LeaseLost.self) { try await jobs.saveCheckpoint(.emptyObject, for: zombie.lease) }
            try await jobs.release(zombie.lease)
            #expect(try await jobs.heartbeat(zombie.lease, done: 5, weight: nil, duration: .seconds(30)) == .lost)
            #expect(try await jobs.heartbeat(heir.lease, done: 5, weight: nil, duration: .seconds(30)) == .held)
            try await jobs.complete(heir.lease, result: UnitResult())
        }
    }

    @Test("a late worker that nobody replaced keeps its lease by a heartbeat")
    func lateHeartbeat() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source)
            let unit = try #require(await fixture.lease(.analyse))
            try await fixture.expireLeases()
            #expect(try await fixture.jobs.heartbeat(unit.lease, done: nil, weight: nil, duration: .seconds(30)) == .held)
            #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 0)
        }
    }

    @Test("a segment that loses its worker three times goes to the dead letter, and its job fails with the event")
    func poison() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source)
            _ = try await fixture.subscribe([.videoProcessingFailed])
            for _ in 1...JobStore.crashLimit {
                _ = try #require(await fixture.lease(.analyse))
                try await fixture.expireLeases()
                #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
            }
            #expect(try await fixture.lease(.analyse) == nil)
            let failed = try #require(await fixture.videos.get(video.id, scope: fixture.scope))
            #expect(failed.processing?.status == .failed)
            #expect(failed.processing?.error?.code == "WORKER_LOST")
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first)
            #expect(job.state == .dead)
            let states = try await fixture.jobs.segments(of: job.id).map(\.state)
            #expect(states == [.dead, .cancelled, .cancelled, .cancelled])
            #expect(try await fixture.eventTypes() == [.videoProcessingFailed])
        }
    }

    @Test("a reaped segment waits for its pause")
    func reapPause() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source)
            _ = try #require(await fixture.lease(.analyse))
            try await fixture.expireLeases()
            #expect(try await fixture.jobs.reapExpired(delay: Fixture.long) == 1)
            #expect(try await fixture.lease(.analyse) == nil)
        }
    }

    @Test("what a worker's earlier life held is taken back at once, and others keep theirs")
    func expireOwnLeases() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source)
            _ = try await fixture.startProcessing(of: source)
            let (killed, other) = (ID<Worker>(), ID<Worker>())
            let held = try await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: killed, duration: .seconds(30))
            _ = try await fixture.jobs.lease(kinds: [.analyse], limit: 1, worker: other, duration: .seconds(30))
            #expect(try await fixture.jobs.expireLeases(of: killed) == 1)
            #expect(try await fixture.jobs.reapExpired(delay: Fixture.none) == 1)
            let again = try #require(await fixture.lease(.analyse))
            #expect(again.lease.segment == held.first?.lease.segment)
            #expect(again.attempt == 2)
        }
    }

    @Test("several reapers at once take an expired lease back once")
    func concurrentReapers() async throws {
        try await Fixture.with(connections: 6) { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source)
            _ = try #require(await fixture.lease(.analyse))
            try await fixture.expireLeases()
            let jobs = fixture.jobs
            let reaped = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await jobs.reapExpired(delay: Fixture.none) } }
                return try await group.reduce(0, +)
            }
            #expect(reaped == 1)
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first)
            #expect(try await fixture.jobs.segments(of: job.id).first?.crashes == 1)
        }
    }

    @Test("attempts are counted, and the last failure of a segment ends its job")
    func attempts() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source, attempts: 2)
            let failure = UnitFailure(code: "DECODE_FAILED", message: "frame\0 7", details: JSONDocument(#"{"frame": 7}"#))
            let first = try #require(await fixture.lease(.analyse))
            #expect(try await fixture.jobs.retry(first.lease, after: .zero, reason: failure) == .scheduled)
            let second = try #require(await fixture.lease(.analyse))
            #expect(second.attempt == 2)
            #expect(try await fixture.jobs.retry(second.lease, after: .zero, reason: failure) == .buried)
            let failed = try #require(await fixture.videos.get(video.id, scope: fixture.scope))
            #expect(failed.processing?.error == UnitFailure(code: "DECODE_FAILED", message: "frame 7", details: failure.details))
        }
    }

    @Test("a unit handed back is taken again at once, and the attempt does not count")
    func release() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source)
            let unit = try #require(await fixture.lease(.analyse))
            try await fixture.jobs.saveCheckpoint(JSONDocument(#"{"at": 1}"#), for: unit.lease)
            try await fixture.jobs.release(unit.lease)
            let again = try #require(await fixture.lease(.analyse))
            #expect(again.attempt == 1)
            #expect(again.checkpoint?.text == #"{"at": 1}"#)
        }
    }

    @Test("segments that an earlier stage finds are worked on before the later ones")
    func followingSegments() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let new = NewProcessing(
                user: fixture.account.user.id, source: source.id, name: "Late plan", options: .emptyObject, plan: .emptyObject,
                segments: [NewSegment(kind: .analyse, stage: 0, weight: 1), NewSegment(kind: .assemble, stage: 2, weight: 1)])
            _ = try await fixture.jobs.start(new, scope: fixture.scope)
            var result = UnitResult()
            result.followingSegments = [NewSegment(kind: .encode, stage: 1, frames: FrameRange(0, 5), weight: 5)]
            try await fixture.completeNext(.analyse, result)
            #expect(try await fixture.lease(.assemble) == nil)
            try await fixture.completeNext(.encode)
            #expect(try await fixture.lease(.assemble) != nil)
        }
    }

    @Test("a cancelled job is leased no more, its workers are told, and it cannot be cancelled twice")
    func cancel() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await fixture.startProcessing(of: source)
            let unit = try #require(await fixture.lease(.analyse))
            try await fixture.jobs.cancel(unit.job, scope: fixture.scope)
            #expect(try await fixture.jobs.heartbeat(unit.lease, done: nil, weight: nil, duration: .seconds(30)) == .cancelled)
            let jobs = fixture.jobs
            await #expect(throws: LeaseLost.self) { try await jobs.complete(unit.lease, result: UnitResult()) }
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.status == .failed)
            await #expect(throws: StoreError.conflict(.jobEnded)) { try await jobs.cancel(unit.job, scope: fixture.scope) }
        }
    }

    @Test("the same idempotency key starts one job, also at the same time")
    func idempotency() async throws {
        try await Fixture.with(connections: 6) { fixture in
            let source = try await fixture.makeMaster()
            let ids = try await withThrowingTaskGroup(of: ID<Video>.self) { group in
                for _ in 0..<6 { group.addTask { try await fixture.startProcessing(of: source, key: "k").id } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(ids).count == 1)
            #expect(try await fixture.startProcessing(of: source, key: "other").id != ids.first)
        }
    }
}
