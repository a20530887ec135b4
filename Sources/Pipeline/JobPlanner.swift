import ColorScience
package import Domain
package import Filters
package import Media
import Picture
import Primitives

/// Turns a validated recipe into a plan: sizes, stages, encoder settings, segments. Pure, so `plan` shows exactly what a
/// job would run.
package struct JobPlanner: Sendable {
    private let models: FilterModels

    /// - Parameter models: the trained networks of this build.
    package init(models: FilterModels) { self.models = models }

    /// Whether every network of a plan is one of this build's, to the byte. One that was planned by another build may name
    /// weights that are not here any more.
    package func hasNetworks(of plan: JobPlan) -> Bool { models.identities.isSuperset(of: plan.networks) }

    /// Every network of this build, by `ModelIdentity.key`.
    package var networkKeys: [Int] { models.identities.map(\.key).sorted() }

    /// - Throws: `PipelineError`.
    package func plan(_ recipe: ProcessingRecipe, file: MediaDescription, index: FrameIndex) throws -> JobPlan {
        guard let stored = file.video.format else {
            throw PipelineError.media(.unsupported(.pixelFormat(file.video.pixelFormatName)))
        }
        let positions = recipe.positions
        let frames = index.frames(
            fromMilliseconds: Int64(positions.startMilliseconds), toMilliseconds: Int64(positions.endMilliseconds))
        guard !frames.isEmpty else {
            throw PipelineError.noFramesInRange(
                startMilliseconds: positions.startMilliseconds, endMilliseconds: positions.endMilliseconds, frameCount: index.count)
        }
        try Self.refuseUnavailableSteps(of: recipe)
        var outputTags = recipe.color.output
        outputTags.siting = Self.siting(of: recipe.color, recipe.source.format)
        let output = recipe.output
        let planned = PlannedSource(
            codec: file.video.codecName, containerName: file.containerName,
            layout: FrameLayout(size: file.video.visibleSize, format: stored), quarterTurns: file.video.rotation / 90 % 4,
            isMirrored: file.video.isMirrored,
            timebase: index.timebase, frameCount: index.count, frameRate: index.frameRate.meanRate,
            isVariableFrameRate: index.frameRate.constantRate == nil, color: recipe.color.input,
            look: file.video.look.map { Self.look($0, recipe, shape: file.video.sampleAspectRatio) }, notes: file.video.notes,
            leftOutAtEnd: index.leftOut > 0 ? index.leftOut : nil, gaps: index.gaps(in: frames))
        try Self.refuseOtherPictures(of: file.video, planned.look, frames: frames, index)
        let chain = try ChainPlanner(
            recipe: recipe, source: planned, index: index, frames: frames, models: models,
            firstConversion: ColorConversion.first(recipe.color, source: file.video.hdr)
        )
        .chain(try request(recipe, file: file, outputTags: outputTags))
        let weaving = recipe.scan.framesPerFrame
        let shown = chain.grid.rate ?? planned.frameRate * Rational(Int64(chain.grid.framesPerSource), 1)
        let rate = shown * Rational(1, Int64(weaving))
        let settings = try EncodingSettings(recipe.encoding)
        let cuts = SegmentPlanner(
            frameRate: rate.double, pixelsPerFrame: output.size.width * output.size.height, longestGroup: settings.longestGroup(at: rate))
        let encoder = EncoderRequest(
            layout: FrameLayout(size: output.size, format: recipe.encoding.format),
            timebase: chain.grid.timebase(index), frameRate: rate, sampleAspectRatio: output.sampleAspectRatio, colorTags: outputTags,
            hdr: StaticHDRMetadata(of: recipe.color, source: file.video.hdr), fieldOrder: recipe.scan.fieldOrder,
            settings: settings, keyframeInterval: cuts.keyframeInterval,
            isConstantRate: chain.grid.rate != nil || index.frameRate.constantRate != nil)
        return JobPlan(
            recipe: recipe, source: planned, frames: frames,
            context: Self.context(of: file.video, planned.look, frames: frames, index), chain: chain, encoder: encoder,
            container: Self.container(recipe.encoding.container), segments: cuts.segments(of: chain.outputFrames, weaving: weaving))
    }

    /// A job has one size, shape and color of pictures: parts of the file that contradict it are named before anything is done.
    private static func refuseOtherPictures(of video: VideoStream, _ look: PictureLook?, frames: FrameRange, _ index: FrameIndex) throws {
        guard let look, let parts = video.parts else { return }
        for part in parts where part.firstFrame > frames.start && part.firstFrame < frames.end {
            guard let change = part.video.look.flatMap({ look.contradiction(of: $0) }) else { continue }
            throw PipelineError.media(.picturesDiffer(change, PicturePart.list(parts, by: change.field, index)))
        }
    }

    /// What filters may look at around the job: its neighbours up to the nearest part on each side that contradicts it, as a
    /// file of its own would have them. Nil for the whole file.
    private static func context(of video: VideoStream, _ look: PictureLook?, frames: FrameRange, _ index: FrameIndex) -> FrameRange? {
        guard let look, let parts = video.parts else { return nil }
        var (start, end) = (0, index.count)
        for (number, part) in parts.enumerated() where part.video.look.flatMap({ look.contradiction(of: $0) }) != nil {
            let partEnd = number + 1 < parts.count ? parts[number + 1].firstFrame : index.count
            if partEnd <= frames.start { start = partEnd }
            if part.firstFrame >= frames.end { end = min(end, part.firstFrame) }
        }
        return start == 0 && end == index.count ? nil : FrameRange(start, end)
    }

    /// What the job takes every picture to be: the first one's word, completed by what was inferred, less what the job states.
    private static func look(_ first: PictureLook, _ recipe: ProcessingRecipe, shape: Rational) -> PictureLook {
        var look = first
        if look.sampleAspectRatio == nil { look.sampleAspectRatio = shape }
        let (used, stated) = (recipe.color.input.tags, recipe.color.statedInput ?? .unspecified)
        look.color = ColorTags(
            primaries: stated.primaries == .unspecified ? used.primaries : .unspecified,
            transfer: stated.transfer == .unspecified ? used.transfer : .unspecified,
            matrix: stated.matrix == .unspecified ? used.matrix : .unspecified,
            range: stated.range == .unspecified ? used.range : .unspecified)
        look.fieldOrder =
            switch recipe.deinterlacing?.fieldOrder {
            case .autoMetadata where recipe.deinterlacing?.followsPictures == true: .unspecified
            case .autoMetadata: recipe.source.fieldOrder.isInterlaced ? recipe.source.fieldOrder : .topFirst
            case .topFieldFirst, .bottomFieldFirst, .autoSegmentAnalysis: .unspecified
            case nil: recipe.source.fieldOrder
            }
        return look
    }

    /// Everything that happens to a picture, as if one program of the device did it all.
    private func request(_ recipe: ProcessingRecipe, file: MediaDescription, outputTags: ColorTags) throws -> PictureRequest {
        let (source, output) = (recipe.source, recipe.output)
        let computed = Self.computed(outputTags, recipe.color, source.format)
        return PictureRequest(
            input: PictureFormat(
                width: source.size.width, height: source.size.height, pixels: source.format, tags: recipe.color.input.tags,
                sampleAspectRatio: source.sampleAspectRatio),
            crop: Self.crop(recipe), prescaled: recipe.prescaledSize, scaler: try Self.scaler(recipe.scaling?.filter),
            scaled: recipe.scaling?.target.size ?? recipe.unscaled.size, color: try ColorConversion(recipe.color, source: file.video.hdr),
            deband: recipe.debander != nil, grain: try Self.grain(recipe.filmGrain),
            output: PictureFormat(
                width: output.size.width, height: output.size.height, pixels: recipe.encoding.format,
                tags: computed, sampleAspectRatio: output.sampleAspectRatio),
            written: computed == outputTags ? nil : outputTags)
    }

    /// A picture that becomes BT.2020 is sited as BT.2020 Table 3 and BT.2100 Table 8 demand, top left; any other keeps the
    /// source's, and so does one whose tags alone change: chroma elsewhere would be other numbers.
    private static func siting(of color: ColorPlan, _ source: PixelFormat) -> ChromaSiting {
        if color.output.primaries == .bt2020, color.input.tags.primaries != .bt2020, !keepsNumbers(color, source) { return .topLeft }
        return color.output.siting == .unspecified ? .left : color.output.siting
    }

    /// Whether only the tags are to change. R′G′B′ has no numbers to keep.
    private static func keepsNumbers(_ color: ColorPlan, _ source: PixelFormat) -> Bool {
        color.outputConversion == .tagsOnly && source.model != .rgb
    }

    /// The tags that the numbers are computed for. Where only the tags are to change, these are the working ones: a new
    /// matrix would move the numbers.
    private static func computed(_ output: ColorTags, _ color: ColorPlan, _ source: PixelFormat) -> ColorTags {
        guard keepsNumbers(color, source) else { return output }
        var tags = color.working
        tags.siting = output.siting
        return tags
    }

    private static func scaler(_ filter: ProcessingRecipe.ScalingFilter?) throws -> Scaler {
        switch filter {
        case nil: .none
        case .bicubic: .bicubic
        case .deepRestoration2(.generic): .superResolution(.generic)
        case .deepRestoration2(.fineTuning): .superResolution(.fineTuning)
        case .deepRestoration2(.selfieStyle): .superResolution(.selfieStyle)
        case .deepRestoration: throw PipelineError.stageUnavailable(step: "DVRES", available: ["DVRES2", "SCALE"])
        case .superResolution: throw PipelineError.stageUnavailable(step: "PABSR1", available: ["DVRES2", "SCALE"])
        }
    }

    private static func crop(_ recipe: ProcessingRecipe) -> PixelRect? {
        guard let kept = recipe.crop?.rectangle(in: recipe.source.size) else { return nil }
        return PixelRect(x: kept.x ?? 0, y: kept.y ?? 0, size: PictureSize(width: kept.width, height: kept.height))
    }

    private static func grain(_ grain: ProcessingOptions.FilmGrain?) throws -> FilmGrain? {
        guard let grain else { return nil }
        guard let size = FilmGrain.Size(rawValue: grain.grainSize.rawValue) else {
            throw PipelineError.stageUnavailable(
                step: "grain size \(grain.grainSize.rawValue)", available: FilmGrain.Size.allCases.map(\.rawValue))
        }
        return FilmGrain(size: size, strength: grain.grainStrength)
    }

    /// Steps that have no stage yet; the edge refuses them before a job exists.
    private static func refuseUnavailableSteps(of recipe: ProcessingRecipe) throws {
        let steps: [(String, Bool, [String])] = [
            ("FACEFORWARD", recipe.faceForward != nil, []),
            ("VFI", recipe.frameRateConversion?.filter == .vfi, ["FPS", "FBLEND", "MCINTERPOLATE"]),
        ]
        for (step, isAsked, available) in steps where isAsked { throw PipelineError.stageUnavailable(step: step, available: available) }
    }

    private static func container(_ container: ProcessingOptions.MediaContainer) -> RenditionContainer {
        switch container {
        case .mov: .mov
        case .mp4: .mp4
        case .mxf: .mxf
        case .mpegTS: .mpegTS
        }
    }
}
