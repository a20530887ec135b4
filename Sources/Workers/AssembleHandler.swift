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
            let results = try await context.results(of: .encode, job: unit.job, as: EncodeResult.self)
            let analysis = try await context.results(of: .analyse, job: unit.job, as: JobAnalysis.self).first
            let segments = try await context.finished(.encode, job: unit.job).map { segment in
                guard let key = segment.object else {
                    throw UnitFailure(code: "RESULT_MISSING", message: "A finished encode unit has no object.", details: nil)
                }
                return context.objects.path(of: key)
            }
            let part = try context.objects.makePart()
            let rendition = try await AssemblyRunner(observer: context.observer).run(
                work.plan, source: work.source, index: work.index,
                segments: segments,
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
