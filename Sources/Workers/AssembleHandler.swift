import Domain
package import JobQueue
import Filters
import Foundation
import Media
import ObjectStorage
import Pipeline
import Primitives
package import Store

/// Joins a job's segments into its rendition.
package struct AssembleHandler: JobHandler {
    private let context: ProcessingContext

    package init(_ context: ProcessingContext) { self.context = context }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        try await context.attempt {
            let work = try await context.work(of: unit)
            let earlier = try await FinishedUnits(below: unit, in: context.jobs)
            let results = try earlier.results(of: .encode, as: EncodeResult.self)
            let analysis = try earlier.results(of: .analyse, as: JobAnalysis.self).first
            let part = try context.objects.makePart()
            let rendition = try await AssemblyRunner(observer: context.observer).run(
                work.plan, source: work.source, index: work.index,
                segments: try earlier.objects(of: .encode).map { context.objects.path(of: $0) },
                outcomes: results.map(\.outcome), shots: analysis?.conditions?.shots.count,
                devices: results.map(\.device).reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
                destination: part.path
            ) { fraction in
                progress.report(done: Int64((fraction * 1000).rounded()), of: 1000)
            }
            let key = VideoObjects(unit.video).file
            try part.publish(as: key)
            let file = StoredFile(
                name: "\(unit.video).\(work.plan.container.fileExtension)", size: rendition.byteCount,
                mimeType: work.plan.container.mimeType, containerName: work.plan.container.displayName, crc32c: rendition.crc32c, key: key,
                lastModified: Date())
            var result = UnitResult()
            result.object = key
            result.crc32c = rendition.crc32c
            result.file = file
            result.report = try context.document(rendition.report)
            return .succeeded(result)
        }
    }
}
