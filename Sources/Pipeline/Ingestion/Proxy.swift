import Domain
import Media
import Picture
import Primitives

/// How a file is made fit for a browser: progressive SDR with square pixels and even sides.
struct Proxy {
    let source: IngestedSource
    /// By the pictures; nil leaves it to the file.
    let scanning: FieldOrder?

    /// Box that the web video is fitted into.
    static let webBox = PictureSize(width: 1280, height: 720)

    /// Plans the pictures of the file at their own size.
    func fullPlan(_ planner: JobPlanner) throws -> JobPlan { try plan(planner, box: nil) }

    /// Plans the web video.
    func webPlan(_ planner: JobPlanner) throws -> JobPlan { try plan(planner, box: Self.webBox) }

    private func plan(_ planner: JobPlanner, box: PictureSize?) throws -> JobPlan {
        guard let format = source.format else {
            throw PipelineError.media(.unsupported(.pixelFormat(source.description.video.pixelFormatName)))
        }
        let recipe = try options(for: format, box: box).validated(for: format)
        return try planner.plan(recipe, file: source.byFirstPicture.description, index: source.index)
            .coded(as: .h264(H264Settings(rateControl: .quality(23), preset: .veryfast)))
    }

    private func options(for format: SourceFormat, box: PictureSize?) -> ProcessingOptions {
        var options = ProcessingOptions(
            encodingConfiguration: .init(codec: .h264, pixelFormat: .init(yuv: .yuv420, bitDepth: .eight)), container: .mp4)
        var filters = ProcessingOptions.Filters()
        var settings = ProcessingOptions.FilterSettings()
        let order = scanning ?? format.fieldOrder
        if order.isInterlaced || format.fieldOrder.isInterlaced {
            filters.deinterlacer = Self.deinterlacer(of: source.description.video.format ?? format.format)
            settings.interlacedFieldOrderMode = order == .bottomFirst ? .bottomFieldFirst : .topFieldFirst
        }
        if let size = Self.size(of: format, box: box) {
            filters.scaler = .scale
            settings.resolution = .init(width: size.width, height: size.height)
        }
        options.filters = filters
        options.filterSettings = settings
        if format.tags.isHDR {
            options.processingSettings = .init(
                inputColorSpaceConversion: .init(mappingMode: .sourcePriority, toneMapper: .init(algorithm: .hable)),
                outputColorSpaceConversion: .init(
                    mappingMode: .strictUser,
                    colorProfile: .init(
                        colorSpace: .bt709, colorPrimaries: .bt709, transferCharacteristics: .bt709, colorRange: .limited)))
        }
        return options
    }

    /// FFmpeg's, where it takes the samples; else the network, which gives a frame of each field.
    private static func deinterlacer(of samples: PixelFormat) -> ProcessingOptions.Deinterlacer {
        samples.model == .rgb || (samples.subsampling == .yuv440 && samples.bitDepth > 8) ? .deint : .yadif
    }

    /// The shown size with even sides, no larger than the box; nil when the stored one is that already.
    static func size(of format: SourceFormat, box: PictureSize?) -> PictureSize? {
        let aspect = format.displayAspectRatio.double
        var (width, height) = (Double(format.size.height) * aspect, Double(format.size.height))
        if let box {
            let share = min(1, Double(box.width) / width, Double(box.height) / height)
            (width, height) = (width * share, height * share)
        }
        func even(_ length: Double, _ range: ClosedRange<Int>) -> Int {
            min(max(Int((length / 2).rounded()) * 2, range.lowerBound), range.upperBound)
        }
        let size = PictureSize(
            width: even(width, TargetResolution.widths), height: even(height, TargetResolution.heights))
        return size == format.size ? nil : size
    }
}

extension JobPlan {
    /// The same job with other settings of the encoder, for pictures to look at: a source that changes on its way is shown all
    /// the same.
    func coded(as settings: EncodingSettings) -> JobPlan {
        var encoder = encoder
        encoder.settings = settings
        return JobPlan(
            recipe: recipe, source: source.unjudged(), frames: frames, context: context,
            chain: PlannedChain(links: links, grid: grid, outputFrames: outputFrames, program: program, examined: examined),
            encoder: encoder, container: container, segments: segments)
    }
}
