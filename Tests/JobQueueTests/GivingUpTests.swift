import Domain
import JobQueue
import Primitives
import Store
import Synchronization
import Testing

/// What happens when a handler finds that its worker cannot go on.
@Suite("Worker pool, giving up", .timeLimit(.minutes(1)))
struct GivingUpTests {
    private static let reason = UnitFailure(code: "DEVICE_LOST", message: "The device was lost.")

    @Test("a pool that cannot go on takes nothing more, hands back untried what it holds, and says why")
    func givesUp() async throws {
        try await QueueFixture.with { fixture in
            let first = Mutex<ID<Segment>?>(nil)
            let (bothBegan, begin) = AsyncStream<Void>.makeStream()
            let handler = ScriptedHandler { unit, _ in
                let isFirst = first.withLock { known in
                    if known == nil { known = unit.lease.segment }
                    return known == unit.lease.segment
                }
                if isFirst {
                    for await _ in bothBegan { break }
                    return .workerUnfit(Self.reason)
                }
                begin.yield()
                try await Task.sleep(for: .seconds(3600))
                return .succeeded(UnitResult())
            }
            var videos: [ID<Video>] = []
            for _ in 0..<3 { videos.append(try await fixture.startAnalysis().id) }
            let pool = fixture.worker([.analyse: handler])
            await pool.run()
            #expect(pool.failure == Self.reason)
            var units: [SegmentRecord] = []
            for video in videos {
                let job = try #require(await fixture.jobs.jobs(of: video, scope: fixture.scope).first { $0.kind == .transcode })
                units += try await fixture.jobs.segments(of: job.id)
            }
            #expect(units.allSatisfy { $0.state == .available && $0.attempt == 0 })
            let counted = units.filter { $0.crashes > 0 }
            let culprit = first.withLock { $0 }
            #expect(counted.map(\.id) == [culprit].compactMap(\.self))
            #expect(counted.first?.crashes == 1)
        }
    }

    @Test("several units that say so at once count one lost worker")
    func together() async throws {
        try await QueueFixture.with { fixture in
            let begun = Mutex(0)
            let handler = ScriptedHandler { _, _ in
                begun.withLock { $0 += 1 }
                while begun.withLock({ $0 }) < 2 { await Task.yield() }
                return .workerUnfit(Self.reason)
            }
            let video = try await fixture.start(segments: (0..<2).map { NewSegment(kind: .encode, stage: 0, ordinal: $0, weight: 1) })
            let pool = fixture.worker([.encode: handler])
            await pool.run()
            let job = try #require(await fixture.jobs.jobs(of: video.id, scope: fixture.scope).first { $0.kind == .transcode })
            let units = try await fixture.jobs.segments(of: job.id)
            #expect(units.allSatisfy { $0.state == .available && $0.attempt == 0 })
            #expect(units.reduce(0) { $0 + $1.crashes } == 1)
        }
    }

    @Test("the third worker that a unit ends, ends its job")
    func limit() async throws {
        try await QueueFixture.with { fixture in
            let handler = ScriptedHandler { _, _ in .workerUnfit(Self.reason) }
            let video = try await fixture.startAnalysis()
            for _ in 0..<JobStore.crashLimit { await fixture.worker([.analyse: handler]).run() }
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope)?.processing?.error == Self.reason)
        }
    }
}
