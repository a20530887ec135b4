import Domain
import Foundation
package import JobQueue
import Lanes
import Media
package import ObjectStorage
package import Pipeline
import Postgres
import Primitives
package import Store
package import Telemetry
import Transfer

/// Reads the facts of an imported or rendered file and keeps them beside it; for full ingestion also looks at its
/// pictures and makes thumbnails, full frames and a video for browsers.
package struct IngestHandler: JobHandler {
    private let videos: VideoStore
    private let objects: FileObjectStore
    private let engine: Engine
    private let planner: JobPlanner
    private let observer: Observer

    package init(videos: VideoStore, objects: FileObjectStore, engine: Engine, planner: JobPlanner, observer: Observer) {
        self.videos = videos
        self.objects = objects
        self.engine = engine
        self.planner = planner
        self.observer = observer
    }

    /// Share of the work that reading the facts is in a full ingestion.
    private static let factsShare = 0.1

    package func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        guard let video = try await videos.get(unit.video, scope: TeamScope(teams: [unit.team])), let file = video.file else {
            return .dead(UnitFailure(code: "VIDEO_NOT_FOUND", message: "The video or its file is gone.", details: nil))
        }
        let share = video.fullIngestion ? Self.factsShare : 1
        let report: @Sendable (Double) -> Void = { progress.report(done: Int64(($0 * 1000).rounded()), of: 1000) }
        do {
            let path = objects.path(of: file.key)
            let source = try await facts(of: unit.video, path: path) { report(share * $0) }
            var result = UnitResult()
            result.container = IngestedContainer(name: source.description.longContainerName, mimeType: source.description.mimeType)
            var metadata = source.metadata
            if video.fullIngestion {
                let products = try await products(of: unit.video, path: path, source) { report(share + (1 - share) * $0) }
                metadata.scanning?.heuristics = products.examination.scanning.verdict.flatMap(VideoMetadata.Scanning.init)
                if let quality = products.examination.quality { result.quality = try Self.document(quality) }
                (result.hasThumbnails, result.hasFullFrames, result.hasWebVideo) = (true, true, true)
                if video.kind == .master { result.clip = try FreeClip(planner: planner).clip(of: video, source) }
            }
            result.metadata = try Self.document(metadata)
            return .succeeded(result)
        } catch {
            if let outcome = DeviceLoss.outcome(of: error) { return outcome }
            try Task.checkCancellation()
            if let outcome = StorageFailure.outcome(of: error) ?? DeviceMemory.outcome(of: error) ?? MediaFailure.outcome(of: error) {
                return outcome
            }
            throw error
        }
    }

    private func facts(
        of video: ID<Video>, path: String, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> IngestedSource {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let objects = self.objects
        return try await withTaskCancellationHandler {
            try await SerialLane(label: "remaster.ingest").run {
                // The import is committed, or there would be no ingestion: nobody will ask again which pieces were copied.
                try RangeCopy.forgetPieces(of: objects.collectionPath(for: VideoObjects(video).file))
                let source = try IngestedSource.examine(path, context: context, progress: progress)
                try source.save(in: objects, for: VideoObjects(video))
                return source
            }
        } onCancel: {
            interrupt.cancel()
        }
    }

    private func products(
        of video: ID<Video>, path: String, _ source: IngestedSource, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> FullIngestion.Products {
        let names = VideoObjects(video)
        let web = try objects.makePart()
        let log = try objects.makePart()
        let objects = self.objects
        let products = try await FullIngestion(engine: engine, planner: planner, observer: observer).run(
            path, source: source, web: web.path, workLog: log.path,
            store: { still, bytes in
                switch still {
                case .thumbnail(let ordinal): try objects.put(bytes, at: names.thumbnail(ordinal))
                case .fullFrame(let ordinal): try objects.put(bytes, at: names.fullFrame(ordinal))
                }
            }, progress: progress)
        try web.publish(as: names.webVideo)
        try objects.put(Array(try Self.document(products).text.utf8), at: names.products)
        return products
    }

    private static func document(_ value: some Encodable) throws -> JSONDocument {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return JSONDocument(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
