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
        let rate = index.frameRate.meanRate
        let output = recipe.output
        let outputFormat = recipe.encoding.format
        let source = recipe.source
        var outputTags = recipe.color.output
        outputTags.siting = Self.siting(of: recipe.color)
        let request = PictureRequest(
            input: PictureFormat(
                width: source.size.width, height: source.size.height, pixels: source.format, tags: recipe.color.input.tags,
                sampleAspectRatio: source.sampleAspectRatio),
            crop: Self.crop(recipe), prescaled: recipe.prescaledSize, scaler: try Self.scaler(recipe.scaling?.filter),
            scaled: recipe.scaling?.target.size ?? recipe.unscaled.size, color: try Self.conversion(recipe.color),
            deband: recipe.debander != nil, grain: try Self.grain(recipe.filmGrain),
            output: PictureFormat(
                width: output.size.width, height: output.size.height, pixels: outputFormat, tags: outputTags,
                sampleAspectRatio: output.sampleAspectRatio))
        let program: PictureProgram
        do {
            program = try PictureProgram(request, models: models)
        } catch {
            throw PipelineError.filter(error)
        }

        let cuts = SegmentPlanner(frameRate: rate.double, pixelsPerFrame: output.size.width * output.size.height)
        let encoder = EncoderRequest(
            layout: FrameLayout(size: output.size, format: outputFormat),
            timebase: index.timebase, frameRate: rate, sampleAspectRatio: output.sampleAspectRatio, colorTags: outputTags,
            hdr: Self.metadata(recipe.color.hdr), fieldOrder: .progressive, settings: try Self.settings(recipe.encoding),
            keyframeInterval: cuts.keyframeInterval)
        return JobPlan(
            recipe: recipe,
            source: PlannedSource(
                codec: file.video.codecName, containerName: file.containerName,
                layout: FrameLayout(size: file.video.visibleSize, format: stored), quarterTurns: file.video.rotation / 90 % 4,
                timebase: index.timebase,
                frameCount: index.count, frameRate: rate, isVariableFrameRate: index.frameRate.constantRate == nil,
                color: recipe.color.input),
            frames: frames, program: program, encoder: encoder, container: try Self.container(recipe.encoding.container),
            segments: cuts.segments(of: frames))
    }

    /// A picture that becomes BT.2020 is sited as BT.2020 Table 3 and BT.2100 Table 8 demand, top left; any other keeps the source's.
    private static func siting(of color: ColorPlan) -> ChromaSiting {
        if color.output.primaries == .bt2020, color.input.tags.primaries != .bt2020 { return .topLeft }
        return color.output.siting == .unspecified ? .left : color.output.siting
    }

    private static func scaler(_ filter: ProcessingRecipe.ScalingFilter?) throws -> Scaler {
        switch filter {
        case nil: .none
        case .bicubic: .bicubic
        case .deepRestoration2(.fineTuning): .superResolution(.fineTuning)
        case .deepRestoration2(let variant):
            throw PipelineError.stageUnavailable(step: "DVRES2 \(variant.rawValue)", available: ["DVRES2 FINE_TUNING", "SCALE"])
        case .deepRestoration: throw PipelineError.stageUnavailable(step: "DVRES", available: ["DVRES2 FINE_TUNING", "SCALE"])
        case .superResolution: throw PipelineError.stageUnavailable(step: "PABSR1", available: ["DVRES2 FINE_TUNING", "SCALE"])
        }
    }

    /// - Throws: when the input and the output both convert: the program has one conversion.
    private static func conversion(_ color: ColorPlan) throws -> ColorConversion {
        if case .toneMapping(let algorithm, let peak) = color.inputConversion {
            switch color.outputConversion {
            case .none, .tagsOnly, .colorimetric:
                return .toneMap(curve(algorithm), sourcePeak: Self.sourcePeak, outputLuminance: peak)
            case .infiniteHDR, .inverseToneMapping:
                throw PipelineError.stageUnavailable(step: "tone mapping before inverse tone mapping", available: ["one of the two"])
            }
        }
        return switch color.outputConversion {
        case .none, .tagsOnly: color.inputConversion == .none ? .none : .convert
        case .colorimetric: .convert
        case .infiniteHDR(let peak, let saturationBoost): .infiniteHDR(peakLuminance: peak, saturationBoost: saturationBoost)
        case .inverseToneMapping(let algorithm, let white, let peak):
            .inverseToneMap(try curve(algorithm), whiteLuminance: white, peakLuminance: peak)
        }
    }

    /// The brightest light a source without a statement of its own is taken to hold, cd/m²: the mastering peak that most
    /// PQ programmes are made for, and HLG's nominal peak (BT.2100).
    private static let sourcePeak = 1000.0

    private static func curve(_ algorithm: ProcessingOptions.ToneMapping) -> ToneCurve {
        switch algorithm {
        case .linear: .linear
        case .clip: .clip
        case .hable: .hable
        case .reinhard: .reinhard
        case .mobius: .mobius
        }
    }

    private static func curve(_ algorithm: ProcessingOptions.InverseToneMapping) throws -> ToneCurve {
        switch algorithm {
        case .linear: .linear
        case .hable: .hable
        case .reinhard: .reinhard
        case .mobius: .mobius
        case .infiniteHDR: preconditionFailure("the learned mapping is a conversion of its own")
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

    private static func refuseUnavailableSteps(of recipe: ProcessingRecipe) throws {
        let steps: [(String, Bool)] = [
            ("deinterlacer", recipe.deinterlacing != nil), ("denoiser", recipe.denoiser != nil),
            ("stabilizer", recipe.stabilizer != nil), ("augmenter", recipe.faceForward != nil),
            ("frameRateConverter", recipe.frameRateConversion != nil),
        ]
        for (step, isAsked) in steps where isAsked { throw PipelineError.stageUnavailable(step: step, available: []) }
    }

    private static func metadata(_ hdr: HDRSignal?) -> StaticHDRMetadata {
        guard let hdr else { return StaticHDRMetadata() }
        return StaticHDRMetadata(
            masteringDisplay: hdr.masteringDisplay.map { display in
                CodedMasteringDisplay(
                    red: (display.primaries.red.x, display.primaries.red.y), green: (display.primaries.green.x, display.primaries.green.y),
                    blue: (display.primaries.blue.x, display.primaries.blue.y),
                    white: (display.primaries.white.x, display.primaries.white.y),
                    maxLuminance: display.maximumLuminance, minLuminance: display.minimumLuminance)
            },
            lightLevel: hdr.lightLevel.map { CodedLightLevel(maxCLL: UInt16($0.maxCLL), maxFALL: UInt16($0.maxFALL)) })
    }

    private static func settings(_ encoding: OutputEncoding) throws -> EncodingSettings {
        guard encoding.codec == .hevc else {
            throw PipelineError.stageUnavailable(step: "codec \(encoding.codec.rawValue)", available: [OutputCodec.hevc.rawValue])
        }
        return .hevc(HEVCSettings(rateControl: encoding.bitrate.map { .bitrate(Int($0)) }))
    }

    private static func container(_ container: ProcessingOptions.MediaContainer) throws -> RenditionContainer {
        switch container {
        case .mov: .mov
        case .mp4: .mp4
        default: throw PipelineError.stageUnavailable(step: "container \(container.rawValue)", available: ["MOV", "MP4"])
        }
    }
}
