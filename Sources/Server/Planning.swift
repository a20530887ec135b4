import API
import Domain
import Filters
import Foundation
import Lanes
import Media

import ObjectStorage
import Pipeline
import Postgres
import Primitives
import Store

/// Plans jobs with the networks of this build.
enum Planning {
    static func planner() throws -> JobPlanner {
        JobPlanner(models: try FilterModels.bundled())
    }
}

/// The planner that the API calls before it accepts a job: reads what ingestion kept beside the file.
struct StoredPlanner: ProcessingPlanner {
    private let objects: FileObjectStore
    private let lane = SerialLane(label: "remaster.plan")

    init(objects: FileObjectStore) { self.objects = objects }

    func sourceFormat(of video: VideoRecord) async throws -> SourceFormat {
        let source = try await load(video)
        guard let format = source.format else {
            throw PipelineError.media(.unsupported(.pixelFormat(source.description.video.pixelFormatName)))
        }
        return format
    }

    func plan(_ recipe: ProcessingRecipe, for video: VideoRecord) async throws -> PlannedJob {
        let source = try await load(video)
        let plan = try Planning.planner().plan(recipe, file: source.description, index: source.index)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let frames = Int64(plan.frames.count)
        var units = [NewSegment(kind: .analyse, stage: 0, ordinal: 0, frames: plan.frames, weight: max(1, frames / 20))]
        for (ordinal, range) in plan.segments.enumerated() {
            units.append(NewSegment(kind: .encode, stage: 1, ordinal: ordinal, frames: range, weight: Int64(range.count)))
        }
        units.append(NewSegment(kind: .assemble, stage: 2, ordinal: 0, frames: nil, weight: max(1, frames / 50)))
        return PlannedJob(plan: JSONDocument(String(decoding: try encoder.encode(plan), as: UTF8.self)), segments: units)
    }

    private func load(_ video: VideoRecord) async throws -> IngestedSource {
        try await lane.run { [objects] in try IngestedSource.load(from: objects, for: VideoObjects(video.id)) }
    }
}
