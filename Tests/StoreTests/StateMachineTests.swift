import Domain
import Foundation
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// Walks the drawing of segments in `docs/STATE_MACHINES.md` against a real database.
@Suite("State machine of segments")
struct StateMachineTests {
    /// One line of the table.
    struct Line: Hashable, Sendable, CustomTestStringConvertible {
        let from: SegmentState
        let event: String
        let to: SegmentState

        var testDescription: String { "\(from) \(event) \(to)" }
    }

    /// The lines of the page's first table.
    static let lines: [Line] = {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/STATE_MACHINES.md")
        guard let text = try? String(contentsOf: page, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").drop { $0 != "## Segment" }.prefix { $0 != "## Job" }.compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, let from = SegmentState(rawValue: cells[0]), let to = SegmentState(rawValue: cells[2]) else {
                return nil
            }
            return Line(from: from, event: String(cells[1].prefix { $0 != ":" }), to: to)
        }
    }()

    @Test("every state is on the page")
    func everyState() {
        #expect(Set(Self.lines.flatMap { [$0.from, $0.to] }) == Set(SegmentState.allCases))
        #expect(Self.lines.count == 15)
    }

    @Test("the line holds", arguments: lines)
    func walk(_ line: Line) async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let attempts = line.event == "last retry" ? 1 : 5
            let video = try await fixture.startProcessing(of: source, segments: 1, attempts: attempts)
            let job = try #require(video.processingJob)
            // The segment under the line: the analysis is available at once, the encode waits for it.
            let kind: UnitKind = line.from == .waiting ? .encode : .analyse
            let lease = line.from == .leased ? try #require(await fixture.lease(.analyse)).lease : nil
            #expect(try await Self.state(of: kind, job, fixture) == line.from)
            try await Self.apply(line.event, lease, job, fixture)
            #expect(try await Self.state(of: kind, job, fixture) == line.to)
        }
    }

    private static func apply(_ event: String, _ lease: Lease?, _ job: ID<Job>, _ fixture: Fixture) async throws {
        let (jobs, failure) = (fixture.jobs, UnitFailure(code: "X", message: "x"))
        switch (event, lease) {
        case ("open", nil): try await fixture.completeNext(.analyse)
        case ("lease", nil): _ = try #require(await fixture.lease(.analyse))
        case ("cancel", _): try await jobs.cancel(job, scope: fixture.scope)
        case ("complete", let lease?): try await jobs.complete(lease, result: UnitResult())
        case ("retry", let lease?), ("last retry", let lease?): _ = try await jobs.retry(lease, after: .zero, reason: failure)
        case ("release", let lease?): try await jobs.release(lease)
        case ("postpone", let lease?): try await jobs.postpone(lease, by: .seconds(60), reason: failure)
        case ("surrender", let lease?): #expect(try await jobs.surrender(lease, reason: failure) == .scheduled)
        case ("last surrender", let lease?):
            #expect(try await jobs.surrender(lease, reason: failure) == .scheduled)
            for answer in [RetryAnswer.scheduled, .buried] {
                let unit = try #require(await fixture.lease(.analyse))
                #expect(unit.attempt == 1)
                #expect(try await jobs.surrender(unit.lease, reason: failure) == answer)
            }
        case ("bury", let lease?): try await jobs.bury(lease, reason: failure)
        case ("reap", _?):
            try await fixture.expireLeases()
            #expect(try await jobs.reapExpired(delay: Fixture.none) == 1)
        case ("last reap", _?):
            for loss in 1...3 {
                if loss > 1 { _ = try #require(await fixture.lease(.analyse)) }
                try await fixture.expireLeases()
                #expect(try await jobs.reapExpired(delay: Fixture.none) == 1)
            }
        default: Issue.record("nobody knows how to \(event)")
        }
    }

    private static func state(of kind: UnitKind, _ job: ID<Job>, _ fixture: Fixture) async throws -> SegmentState? {
        try await fixture.jobs.segments(of: job).first { $0.kind == kind }?.state
    }
}
