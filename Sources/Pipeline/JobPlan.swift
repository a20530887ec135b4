package import Domain
package import Filters
package import Media
package import Picture
package import Primitives

/// Everything that decides the bytes of one job's rendition, settled before the first frame is decoded. It is stored with
/// the job; workers read it and nothing else.
package struct JobPlan: Codable, Hashable, Sendable {
    /// Changes whenever an older plan could no longer be run by newer code.
    package static let currentFormat = "remaster-plan/2"

    package let format: String
    package let recipe: ProcessingRecipe
    package let source: PlannedSource
    /// Frames of the source that the job covers.
    package let frames: FrameRange
    package let program: PictureProgram
    package let encoder: EncoderRequest
    package let container: RenditionContainer
    /// In order and without gaps; together exactly `frames`.
    package let segments: [FrameRange]

    package init(
        recipe: ProcessingRecipe, source: PlannedSource, frames: FrameRange, program: PictureProgram, encoder: EncoderRequest,
        container: RenditionContainer, segments: [FrameRange]
    ) {
        format = Self.currentFormat
        self.recipe = recipe
        self.source = source
        self.frames = frames
        self.program = program
        self.encoder = encoder
        self.container = container
        self.segments = segments
    }
}

/// What the plan takes the source to be.
package struct PlannedSource: Codable, Hashable, Sendable {
    package let codec: String
    package let containerName: String
    /// As decoded, before rotation.
    package let layout: FrameLayout
    /// Clockwise quarter turns that show the picture upright, 0…3.
    package let quarterTurns: Int
    package let timebase: Rational
    package let frameCount: Int
    /// Mean, frames a second.
    package let frameRate: Rational
    package let isVariableFrameRate: Bool
    /// Color as used, and what of it was inferred and why.
    package let color: InferredColor
}
