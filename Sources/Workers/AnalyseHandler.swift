package import JobQueue
import Filters
import Pipeline
import Primitives
package import Store
import Synchronization

/// Looks at the whole range of a job once.
package struct AnalyseHandler: JobHandler {
    private let context: ProcessingContext

    package init(_ context: ProcessingContext) { self.context = context }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        try await context.attempt {
            let work = try await context.work(of: unit)
            if let restart = try context.restart(of: work) { return restart }
            let done = Mutex(0)
            let total = Int64(work.plan.frames.count)
            let analysis = try await AnalysisRunner(engine: context.engine, observer: context.observer).run(
                work.plan, source: work.source, index: work.index
            ) {
                let frames = done.withLock { count in
                    count += 1
                    return count
                }
                progress.report(done: Int64(frames), of: total)
            }
            return .succeeded(UnitResult(document: try context.document(analysis)))
        }
    }
}
