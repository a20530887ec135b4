import Domain
package import JobQueue
import ObjectStorage
import Pipeline
import Primitives
package import Store
import Synchronization

/// What one segment leaves for the assembly.
struct EncodeResult: Codable, Sendable {
    let outcome: SegmentOutcome
    let device: JobReport.DeviceFacts
}

/// Makes one segment and publishes its packet log by rename.
package struct EncodeHandler: JobHandler {
    private let context: ProcessingContext

    package init(_ context: ProcessingContext) { self.context = context }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        try await context.attempt {
            guard let range = unit.frames else {
                return .dead(UnitFailure(code: "PLAN_INVALID", message: "An encode unit has no frame range.", details: nil))
            }
            let work = try await context.work(of: unit)
            if let restart = try context.restart(of: work) { return restart }
            let earlier = try await FinishedUnits(below: unit, in: context.jobs)
            let analysis = try earlier.results(of: .analyse, as: JobAnalysis.self).first ?? JobAnalysis()
            let done = Mutex(0)
            let part = try context.objects.makePart()
            let outcome = try await SegmentRunner(engine: context.engine, observer: context.observer).run(
                work.plan, range: range, source: work.source, index: work.index, analysis: analysis, logPath: part.path
            ) {
                let frames = done.withLock { count in
                    count += 1
                    return count
                }
                progress.report(done: Int64(frames), of: Int64(range.count))
            }
            let key = JobObjects(unit.job).segment(unit.ordinal, unit.lease.segment)
            try part.publish(as: key)
            var result = UnitResult(document: try context.document(EncodeResult(outcome: outcome, device: context.device)))
            result.object = key
            result.crc32c = outcome.crc32c
            return .succeeded(result)
        }
    }
}
