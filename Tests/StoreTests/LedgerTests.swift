import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("The books")
struct LedgerTests {
    private static let device = #"{"devices": [{"name": "Test GPU"}]}"#

    /// A charge for work on some products, by the standard card.
    private static func charge(_ items: [(BillableProduct, Int64)], history: ComputeHistory = ComputeHistory()) -> Charge {
        let work = JobWork(
            items: items.map { JobWork.Item(product: $0.0, amount: Gigapixels(thousandths: $0.1)) }, outputDurationMilliseconds: 1000,
            outputFrames: 25)
        return Charge(
            billingType: .stripe, quote: RateCard.standard.quote(work, baseVolume: .zero), estimate: history.estimate(work))
    }

    /// A processing of one unit that costs something.
    private static func start(_ fixture: Fixture, of source: VideoRecord, _ charge: Charge) async throws -> VideoRecord {
        var new = NewProcessing(
            user: fixture.account.user.id, source: source.id, name: "Restored", options: .emptyObject, plan: .emptyObject,
            segments: [NewSegment(kind: .assemble, stage: 0, weight: 1)])
        new.charge = charge
        return try await fixture.jobs.start(new, scope: fixture.scope)
    }

    /// Plays a worker that takes that long, in seconds, on the test device.
    private static func finish(_ fixture: Fixture, _ video: VideoRecord, seconds: Double) async throws {
        let unit = try #require(await fixture.lease(.assemble))
        try await fixture.pool.run {
            try $0.execute("UPDATE segments SET started_at = now() - make_interval(secs => \(seconds)) WHERE id = \(unit.lease.segment)")
        }
        var result = Fixture.fileResult(video.id)
        result.report = JSONDocument(device)
        try await fixture.jobs.complete(unit.lease, result: result)
    }

    @Test("jobs that end at once are booked one after the other: each balance follows from the one before")
    func order() async throws {
        try await Fixture.with(connections: 8) { fixture in
            let source = try await fixture.makeMaster()
            for _ in 0..<8 { _ = try await Self.start(fixture, of: source, Self.charge([(.dvres2, 100)])) }
            let units = try await fixture.jobs.lease(kinds: [.assemble], limit: 8, worker: ID(), duration: .seconds(60))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for unit in units { group.addTask { try await fixture.jobs.complete(unit.lease, result: UnitResult()) } }
                try await group.waitForAll()
            }
            let billing = BillingStore(pool: fixture.pool)
            let period = try await billing.latestPeriod(of: fixture.account.team.id)
            let lines = try await billing.transactions(
                in: period, filter: TransactionFilter(), totals: .period, page: PageRequest(size: 100)
            ).page.items
            #expect(lines.map(\.balance.thousandths) == (1...8).map { -100 * Int64($0) })
            #expect(try await billing.standing(of: fixture.account.team.id).processingSpend.thousandths == 800)
        }
    }

    @Test("books outlive their videos, and strangers see none of them")
    func isolation() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await Self.start(fixture, of: source, Self.charge([(.dvres2, 100)]))
            try await Self.finish(fixture, video, seconds: 1)
            _ = try await fixture.videos.delete(source.id, scope: fixture.scope)
            let billing = BillingStore(pool: fixture.pool)
            let period = try await billing.latestPeriod(of: fixture.account.team.id)
            let all = try await billing.transactions(in: period, filter: TransactionFilter(), totals: .period, page: PageRequest())
            #expect(all.page.items.map(\.video) == [video.id])
            let stranger = TeamScope(try await Fixture.makeAccount(fixture.pool, "stranger@example.com").team.id)
            #expect(try await billing.period(period.id, scope: stranger) == nil)
            #expect(try await billing.periods(scope: stranger, team: fixture.account.team.id, page: PageRequest()).total == 0)
            await #expect(throws: StoreError.notFound(.team)) { _ = try await billing.standing(of: ID()) }
        }
    }

    @Test("an estimate learns from what jobs took, product by product, and knows its error")
    func calibration() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let measurements = MeasurementStore(pool: fixture.pool)
            #expect(try await measurements.history() == ComputeHistory())
            // The truth: 4 s a gigapixel of DVRES2, 1 s of HEVC; the defaults are 20 s and 40 s.
            func work(_ dvres2: Int64, _ hevc: Int64) async throws {
                let charge = Self.charge([(.dvres2, dvres2), (.hevc, hevc)], history: try await measurements.history())
                let video = try await Self.start(fixture, of: source, charge)
                try await Self.finish(fixture, video, seconds: Double(dvres2) * 0.004 + Double(hevc) * 0.001)
                try await fixture.completeNext(.ingest)
            }
            try await work(1000, 1000)
            let first = try await measurements.history()
            #expect(first.device == "Test GPU")
            #expect((first.errorPercentage ?? 0) > 1000, "the defaults were far off")
            for _ in 0..<30 {
                try await work(2000, 100)
                try await work(100, 2000)
            }
            let history = try await measurements.history()
            #expect(abs((history.rates[.dvres2] ?? 0) - 4) < 0.4)
            #expect(abs((history.rates[.hevc] ?? 0) - 1) < 0.1)
            #expect((history.errorPercentage ?? 100) < 10)
        }
    }

    @Test("a job with a second attempt, or without a device, is no measurement")
    func unmeasured() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let video = try await Self.start(fixture, of: source, Self.charge([(.dvres2, 100)]))
            let unit = try #require(await fixture.lease(.assemble))
            _ = try await fixture.jobs.retry(unit.lease, after: .zero, reason: UnitFailure(code: "X", message: "again"))
            try await Self.finish(fixture, video, seconds: 5)
            _ = try await Self.start(fixture, of: source, Self.charge([(.dvres2, 100)]))
            try await fixture.completeNext(.assemble)
            #expect(try await MeasurementStore(pool: fixture.pool).history() == ComputeHistory())
        }
    }
}
