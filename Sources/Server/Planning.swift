import API
import Domain
import Foundation
import Lanes
import Media
import ObjectStorage
import Pipeline
import Postgres
import Primitives
import Store
import Workers

/// The planner that the API calls before it accepts a job: reads what ingestion kept beside the file.
struct StoredPlanner: ProcessingPlanner {
    private let objects: FileObjectStore
    private let planner: JobPlanner
    private let lane = SerialLane(label: "remaster.plan")

    init(objects: FileObjectStore, planner: JobPlanner) {
        self.objects = objects
        self.planner = planner
    }

    func sourceFormat(of video: VideoRecord, from startMilliseconds: Int?) async throws -> SourceFormat {
        let source = try await load(video).beginning(atMilliseconds: startMilliseconds)
        guard let format = source.format else {
            throw PipelineError.media(.unsupported(.pixelFormat(source.description.video.pixelFormatName)))
        }
        return format
    }

    func plan(_ recipe: ProcessingRecipe, for video: VideoRecord) async throws -> PlannedJob {
        let positions = recipe.positions
        let source = try await load(video).beginning(atMilliseconds: positions.startMilliseconds)
        do {
            let plan = try planner.plan(recipe, file: source.description, index: source.index)
            return PlannedJob(plan: try JobUnits.document(plan), segments: JobUnits.units(of: plan))
        } catch PipelineError.media(let error) {
            guard case .picturesDiffer = error else { throw PipelineError.media(error) }
            let asked = "\(positions.startMilliseconds) to \(positions.endMilliseconds)"
            throw ValidationFailure(problems: [Problem(.startPosition, field: "startPosMs", actual: asked, error.explanation)])
        }
    }

    private func load(_ video: VideoRecord) async throws -> IngestedSource {
        try await lane.run { [objects] in try IngestedSource.load(from: objects, for: VideoObjects(video.id)) }
    }
}
