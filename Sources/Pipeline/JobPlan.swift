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
    /// Frames of the source that filters may look at, `frames` among them: up to where the file announces pictures that the job
    /// could not take. Nil for all, as in plans of earlier releases.
    package let context: FrameRange?
    /// Steps before the last program of the device, in order.
    package let links: [ProcessingLink]
    /// How the frames of the rendition are numbered and placed in time.
    package let grid: FrameGrid
    /// Frames at the end of the chain, in the numbers of `grid`; the rendition's own unless two are woven into one.
    package let outputFrames: FrameRange
    /// The last program of the device, whose frames are coded.
    package let program: PictureProgram
    /// A program that reads the source's own frames through the same window, for the analysis; nil where `program` does.
    package let examined: PictureProgram?
    package let encoder: EncoderRequest
    package let container: RenditionContainer
    /// In the numbers of `grid`, in order and without gaps; together exactly `outputFrames`.
    package let segments: [FrameRange]

    package init(
        recipe: ProcessingRecipe, source: PlannedSource, frames: FrameRange, context: FrameRange?, chain: PlannedChain,
        encoder: EncoderRequest, container: RenditionContainer, segments: [FrameRange]
    ) {
        format = Self.currentFormat
        self.recipe = recipe
        self.source = source
        self.frames = frames
        self.context = context
        links = chain.links
        grid = chain.grid
        outputFrames = chain.outputFrames
        program = chain.program
        examined = chain.examined
        self.encoder = encoder
        self.container = container
        self.segments = segments
    }

    /// The same job with other cuts.
    package func cut(into segments: [FrameRange]) -> JobPlan {
        JobPlan(
            recipe: recipe, source: source, frames: frames, context: context,
            chain: PlannedChain(links: links, grid: grid, outputFrames: outputFrames, program: program, examined: examined),
            encoder: encoder, container: container, segments: segments)
    }

    /// Every program of the device, in order.
    package var programs: [PictureProgram] {
        links.compactMap { link in if case .prepare(let program) = link.work { program } else { nil } } + [program]
    }

    /// Every trained network that the job runs, in order.
    package var networks: [ModelIdentity] { links.compactMap(\.network) + programs.flatMap(\.networks) }

    /// Frames of the rendition that frames of the chain become.
    package func codedFrames(in range: FrameRange) -> Int {
        let size = recipe.scan.framesPerFrame
        return (range.count + size - 1) / size
    }

    /// Whether the segments need what `AnalysisRunner` finds.
    package var needsAnalysis: Bool { program.needsConditions || needsFieldOrder }

    /// How the source's frames come to be what the examined program takes, where a program before it maps their light.
    var mappedForAnalysis: Thumbnailer.Mapped? {
        let maps = links.compactMap { link in if case .prepare(let program) = link.work { program.request } else { nil } }
        guard let first = maps.first(where: { $0.color != .none }), let examined else { return nil }
        var format = examined.request.input
        format.tags = first.input.tags
        return Thumbnailer.Mapped(format: format, conversion: first.color)
    }

    /// Whether a deinterlacer asks the analysis for the order of the fields.
    var needsFieldOrder: Bool {
        links.contains { link in if case .deinterlace(_, nil) = link.work { true } else { false } }
    }

    /// The quarter turns that the first program of the device does.
    func turns(inLink number: Int) -> Int { isUpright(beforeLink: number) ? 0 : source.quarterTurns }

    /// Whether that program exchanges left and right.
    func mirrors(inLink number: Int) -> Bool { !isUpright(beforeLink: number) && source.isMirrored == true }

    private func isUpright(beforeLink number: Int) -> Bool {
        links.prefix(number).contains { link in if case .prepare = link.work { true } else { false } }
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
    /// Whether left and right are exchanged before the turn; nil means no.
    package let isMirrored: Bool?
    package let timebase: Rational
    package let frameCount: Int
    /// Mean, frames a second.
    package let frameRate: Rational
    package let isVariableFrameRate: Bool
    /// Color as used, and what of it was inferred and why.
    package let color: InferredColor
    /// What every picture must agree with; nil in plans of earlier releases, and where a change is let pass.
    package var look: PictureLook?
    /// What the file carries that the rendition will not; nil for nothing.
    package var notes: SourceNotes?
    /// Pictures at the end of the file that are not whole; nil for none.
    package var leftOutAtEnd: Int?
    /// Pictures that an even stream lacks between the frames of the job; nil for none.
    package var gaps: PictureGaps?

    /// The same source with its changes let pass, but for those of size and pixel format.
    func unjudged() -> PlannedSource {
        var source = self
        source.look = nil
        return source
    }
}
