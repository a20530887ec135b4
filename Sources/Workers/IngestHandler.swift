import Domain
import Foundation
package import JobQueue
import Lanes
import Media
package import ObjectStorage
import Pipeline
import Postgres
import Primitives
package import Store
package import Telemetry

/// Reads the facts of an imported or rendered file and keeps them beside it.
package struct IngestHandler: JobHandler {
    private let videos: VideoStore
    private let objects: FileObjectStore
    private let observer: Observer

    package init(videos: VideoStore, objects: FileObjectStore, observer: Observer) {
        self.videos = videos
        self.objects = objects
        self.observer = observer
    }

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        guard let file = try await videos.get(unit.video, scope: TeamScope(teams: [unit.team]))?.file else {
            return .dead(UnitFailure(code: "VIDEO_NOT_FOUND", message: "The video or its file is gone.", details: nil))
        }
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let lane = SerialLane(label: "remaster.ingest")
        let objects = self.objects
        do {
            let source = try await withTaskCancellationHandler {
                try await lane.run {
                    let path = objects.path(of: file.key)
                    let source = try IngestedSource.examine(path, context: context) { fraction in
                        progress.report(done: Int64((fraction * 1000).rounded()), of: 1000)
                    }
                    try source.save(in: objects, for: VideoObjects(unit.video))
                    return source
                }
            } onCancel: {
                interrupt.cancel()
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var result = UnitResult()
            result.metadata = JSONDocument(String(decoding: try encoder.encode(source.metadata), as: UTF8.self))
            return .succeeded(result)
        } catch let error as MediaError {
            return MediaFailure(error).outcome
        }
    }
}
