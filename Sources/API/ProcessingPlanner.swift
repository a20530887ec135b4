package import Domain
package import Postgres
package import Store

/// Knows the engine: what a stored video is, and what a recipe means for it.
package protocol ProcessingPlanner: Sendable {
    /// The exact format of a video that is ready to be processed, where a job begins; nil for its start.
    func sourceFormat(of video: VideoRecord, from startMilliseconds: Int?) async throws -> SourceFormat

    /// Stages and segments of a job. Throws `ValidationFailure` for what only the engine can know to be impossible.
    func plan(_ recipe: ProcessingRecipe, for video: VideoRecord) async throws -> PlannedJob
}

/// A planned job: what the workers read, and the units they lease.
package struct PlannedJob: Sendable {
    package let plan: JSONDocument
    package let segments: [NewSegment]

    package init(plan: JSONDocument, segments: [NewSegment]) {
        self.plan = plan
        self.segments = segments
    }
}
