import ColorScience
import Domain
package import Filters
import Media
import Picture
package import Primitives

/// The steps of a job and how its frames are counted.
package struct PlannedChain: Sendable {
    package let links: [ProcessingLink]
    package let grid: FrameGrid
    package let outputFrames: FrameRange
    package let program: PictureProgram
    package let examined: PictureProgram?
}

/// Puts the steps that the CPU does and the programs of the device into the order of the slots.
///
/// The device does as much as possible in one program. It is split where a step of the CPU must see pictures that are
/// cropped, prescaled or enlarged, and where the light of the source is mapped before the first filter and again after the
/// last. Three steps stand elsewhere, with the same result: dropping and repeating frames goes first unless it would
/// multiply the work of a network, as does mixing frames that a linear scaler enlarges; and motion compensation, which takes
/// 8 bits, works on the source's own samples, or on deeper ones that a program has rounded with dither.
struct ChainPlanner {
    let recipe: ProcessingRecipe
    let source: PlannedSource
    let index: FrameIndex
    let frames: FrameRange
    let models: FilterModels
    /// Of the program at the front; nil for none.
    let firstConversion: ColorConversion?

    /// Bits between steps.
    private static let depth = 16

    /// - Parameter request: everything that happens to a picture, as if one program did it.
    func chain(_ request: PictureRequest) throws -> PlannedChain {
        var links: [ProcessingLink] = []
        var grid = FrameGrid(origin: frames.start, evenRate: index.roundedRate)
        var layout = source.layout
        var rest = request
        let isMotion = recipe.frameRateConversion?.filter == .motionInterpolate
        let keepsDepth = isMotion && firstConversion == nil && source.layout.format.bitDepth == 8

        func add(_ work: ProcessingLink.Work, output: FrameLayout, grid next: FrameGrid, network: ModelIdentity? = nil) {
            links.append(
                ProcessingLink(work: work, input: layout, output: output, inputGrid: grid, grid: next, network: network))
            (layout, grid) = (output, next)
        }
        func deep(_ layout: FrameLayout) -> FrameLayout { Self.opaque(layout, keepsDepth: keepsDepth) }
        func prepare(_ scaler: Scaler, _ size: PictureSize, bitDepth: Int = Self.depth) throws {
            rest.input.pixels = upright(layout.format, links)
            let program = try Self.program(Self.preparation(rest, scaler: scaler, size: size, bitDepth: bitDepth), models)
            add(.prepare(program), output: program.request.output.layout, grid: grid)
            rest.input = program.request.output
            (rest.crop, rest.prescaled) = (nil, nil)
        }

        if let deinterlacing = recipe.deinterlacing {
            var next = grid
            next.framesPerSource = deinterlacing.filter.doublesFrameRate ? 2 : 1
            add(
                .deinterlace(deinterlacing.filter, order: Self.order(deinterlacing.fieldOrder, recipe.source.fieldOrder)),
                output: deep(layout), grid: next,
                network: deinterlacing.filter == .deint ? try Self.demand(models.deinterlacing, FieldInterpolator.modelName) : nil)
        }
        if let firstConversion {
            rest.input.pixels = upright(layout.format, links)
            let program = try Self.program(mapping(rest.input, firstConversion), models)
            add(.prepare(program), output: program.request.output.layout, grid: grid)
            rest.input = program.request.output
        }
        if let denoiser = recipe.denoiser {
            if rest.crop != nil || rest.prescaled != nil, !keepsDepth { try prepare(.none, recipe.unscaled.size) }
            switch denoiser {
            case .hqdn3D: add(.denoise, output: deep(layout), grid: grid)
            case .denoise:
                let network = try Self.demand(models.denoising, NoiseReducer.modelName)
                add(.removeNoise, output: deep(layout), grid: grid, network: network)
            }
        }
        if let stabilizer = recipe.stabilizer {
            if rest.crop != nil || rest.prescaled != nil, !keepsDepth { try prepare(.none, recipe.unscaled.size) }
            switch stabilizer {
            case .dejit:
                let network = try Self.demand(models.dejittering, LineAligner.modelName)
                add(.alignLines, output: deep(layout), grid: grid, network: network)
            }
        }
        var outputFrames = FrameRange(frames.start * grid.framesPerSource, frames.end * grid.framesPerSource)
        if let conversion = recipe.frameRateConversion {
            let rises = conversion.frameRate.double > source.frameRate.double * Double(grid.framesPerSource)
            if case .superResolution = rest.scaler, !isMotion, rises || conversion.filter != .fps {
                try prepare(rest.scaler, rest.scaled)
                rest.scaler = .none
            }
            if isMotion, layout.format.bitDepth != 8 { try prepare(.none, recipe.unscaled.size, bitDepth: 8) }
            var next = grid
            next.rate = conversion.frameRate
            switch conversion.filter {
            case .fps: add(.repick, output: layout, grid: next)
            case .frameBlend: add(.blend, output: deep(layout), grid: next)
            case .motionInterpolate: add(.interpolate, output: layout, grid: next)
            case .vfi: throw PipelineError.stageUnavailable(step: "VFI", available: ["FPS", "FBLEND", "MCINTERPOLATE"])
            }
            outputFrames = FrameRange(0, frameCount(at: conversion.frameRate))
        }
        rest.input.pixels = upright(layout.format, links)
        if rest.keepsNumbers {
            rest.dither = .none
        } else if rest.changesDepthAlone, firstConversion == nil, keepsCodes(links, in: rest.output.pixels) {
            rest.dither = .triangularBetweenCodes
        }
        let program = try Self.program(rest, models)
        var whole = request
        if firstConversion != nil { whole.input.tags = rest.input.tags }
        let examined = links.isEmpty || !program.needsConditions ? nil : try Self.program(whole, models)
        return PlannedChain(links: links, grid: grid, outputFrames: outputFrames, program: program, examined: examined)
    }

    /// The form of samples that a program takes: the first one turns the picture upright.
    private func upright(_ format: PixelFormat, _ links: [ProcessingLink]) -> PixelFormat {
        let isTurned = links.contains { link in if case .prepare = link.work { true } else { false } }
        return isTurned ? format : QuarterTurn.format(format, turns: source.quarterTurns)
    }

    /// Whether samples that no link changes are codes of the output still.
    private func keepsCodes(_ links: [ProcessingLink], in output: PixelFormat) -> Bool {
        let areKept = links.allSatisfy { link in if case .prepare(let program) = link.work { program.request.keepsNumbers } else { true } }
        return areKept && source.layout.format.bitDepth <= output.bitDepth
    }

    private static func demand(_ network: ModelIdentity?, _ name: String) throws(PipelineError) -> ModelIdentity {
        guard let network else { throw .filter(.missingModel(name)) }
        return network
    }

    /// Frames of the job's length at a rate, to nearest, at least one.
    private func frameCount(at rate: Rational) -> Int {
        let end = frames.end < index.count ? index.times[frames.end] : index.endTime
        let length = MediaTime(end - index.times[frames.start], index.timebase)
        return max(1, Int(length.rescaled(to: rate.reciprocal ?? rate).value))
    }

    private static func program(_ request: PictureRequest, _ models: FilterModels) throws(PipelineError) -> PictureProgram {
        do throws(FilterError) { return try PictureProgram(request, models: models) } catch { throw .filter(error) }
    }

    /// Maps the light of the source to what the filters work in, with chroma for every sample so that it is resampled once.
    private func mapping(_ input: PictureFormat, _ conversion: ColorConversion) -> PictureRequest {
        var output = input
        output.tags = recipe.color.working
        output.tags.siting = input.tags.siting
        let subsampling: ChromaSubsampling = input.pixels.subsampling == .gray ? .gray : .yuv444
        output.pixels = PixelFormat(model: input.pixels.model, subsampling: subsampling, bitDepth: Self.depth)
        return PictureRequest(input: input, scaled: input.size, color: conversion, output: output, dither: .none)
    }

    /// What comes before a step of the CPU: the same numbers at another size, in 16 bits, or rounded to fewer with dither. Chroma of
    /// forms that programs do not write gets the next one with at least as much of it down and across, where there is one.
    private static func preparation(
        _ request: PictureRequest, scaler: Scaler, size: PictureSize, bitDepth: Int
    ) -> PictureRequest {
        var pixels = request.input.pixels
        let subsampling: ChromaSubsampling =
            switch pixels.subsampling {
            case .yuv411: .yuv422
            case .yuv410: .yuv420
            case .yuv440: .yuv444
            case .gray, .yuv420, .yuv422, .yuv444: pixels.subsampling
            }
        pixels = PixelFormat(model: pixels.model, subsampling: subsampling, bitDepth: bitDepth)
        var output = request.input
        (output.size, output.pixels) = (size, pixels)
        return PictureRequest(
            input: request.input, crop: request.crop, prescaled: request.prescaled, scaler: scaler, scaled: size, output: output,
            dither: bitDepth < depth ? .triangular : .none)
    }

    /// The same planes without alpha, and with 16 bits where such a format exists.
    private static func opaque(_ layout: FrameLayout, keepsDepth: Bool) -> FrameLayout {
        let format = layout.format
        let hasDeepForm =
            switch format.subsampling {
            case .yuv411, .yuv410, .yuv440: false
            case .gray, .yuv420, .yuv422, .yuv444: true
            }
        let bitDepth = hasDeepForm && !keepsDepth ? depth : format.bitDepth
        return FrameLayout(
            size: layout.size, format: PixelFormat(model: format.model, subsampling: format.subsampling, bitDepth: bitDepth))
    }

    /// Nil where the analysis is to find it. A file that says nothing is taken as top field first.
    private static func order(_ mode: ProcessingOptions.InterlacedFieldOrderMode, _ file: FieldOrder) -> FieldOrder? {
        switch mode {
        case .topFieldFirst: .topFirst
        case .bottomFieldFirst: .bottomFirst
        case .autoMetadata: file.isInterlaced ? file : .topFirst
        case .autoSegmentAnalysis: nil
        }
    }
}
