import ColorScience
import Domain
import Picture
import Primitives
import Testing

@Suite struct ProcessingRecipeTests {
    @Test("The headline recipe on a 720p source") func headline() throws {
        let recipe = try ProcessingOptions.headline.validated(for: .make(1280, 720))
        #expect(recipe.output == TargetResolution(size: PictureSize(width: 3840, height: 2160), sampleAspectRatio: Rational(1, 1)))
        #expect(recipe.scaling?.filter == .deepRestoration2(.fineTuning))
        #expect(recipe.encoding.codec == .hevc)
        #expect(recipe.encoding.format == .yuv420p10)
        #expect(recipe.encoding.container == .mov)
        #expect(recipe.encoding.bitrate == nil)
        #expect(recipe.color.input.tags.primaries == .bt709)
        #expect(recipe.color.inputConversion == .none)
        #expect(
            recipe.color.outputConversion
                == .infiniteHDR(
                    peakLuminance: 800, saturationBoost: 1.25,
                    highlightReconstruction: ProcessingOptions.InverseToneMapper.customaryHighlightReconstruction,
                    localModulation: ProcessingOptions.InverseToneMapper.customaryLocalModulation))
        #expect(recipe.color.output.primaries == .bt2020)
        #expect(recipe.color.output.transfer == .pq)
        #expect(recipe.color.output.matrix == .bt2020NCL)
        #expect(recipe.color.output.range == .limited)
        let hdr = try #require(recipe.color.hdr)
        #expect(hdr.format == .hdr10)
        #expect(hdr.lightLevel == ContentLightLevel(maxCLL: 800, maxFALL: 200))
        #expect(hdr.masteringDisplay == .p3D65(minimumLuminance: 0.005, maximumLuminance: 800))
        #expect(recipe.positions == PositionRange(startMilliseconds: 0, endMilliseconds: 10_000))
    }

    @Test("Untagged sources are guessed once, and the guess is on record") func guess() throws {
        let recipe = try ProcessingOptions.headline.validated(for: .make(1280, 720, tags: .unspecified))
        #expect(recipe.color.input.tags.matrix == .bt709)
        #expect(recipe.color.input.inferences.map(\.field) == [.primaries, .transfer, .matrix, .range, .siting])
    }

    @Test("No options keep the picture and code it as HEVC in MOV") func passthrough() throws {
        let source = SourceFormat.make(1280, 720, sampleAspectRatio: Rational(4, 3), format: .yuv420p10)
        let recipe = try ProcessingOptions().validated(for: source)
        #expect(recipe.output == TargetResolution(size: source.size, sampleAspectRatio: Rational(4, 3)))
        #expect(recipe.color.outputConversion == .none)
        #expect(recipe.color.hdr == nil)
        #expect(recipe.encoding.codec == .hevc && recipe.encoding.container == .mov)
        #expect(recipe.encoding.format == .yuv420p10)
    }

    @Test("A recipe keeps its value through JSON") func codable() throws {
        let recipe = try ProcessingOptions.headline.validated(for: .make(1280, 720), startMilliseconds: 1000, endMilliseconds: 3000)
        #expect(try RoundTrip.through(recipe) == recipe)
    }

    @Test(
        "A codec in a container that cannot hold it",
        arguments: [
            ("H264", "MPEGTS", true), ("HEVC", "MXF", false), ("MPEG2", "MP4", false), ("XDCAM", "MOV", false), ("XDCAM", "MXF", true),
            ("FFV1", "MP4", false), ("FFV1", "MOV", true), ("HEVC", "MP4", true),
        ])
    func containers(codec: String, container: String, allowed: Bool) throws {
        let chroma = codec == "XDCAM" ? "4:2:2" : "4:2:0"
        let found = try problems {
            try ProcessingOptions(
                text: """
                    {"encodingConfiguration":{"codec":"\(codec)","pixelFormat":{"yuv":"\(chroma)"}},"container":"\(container)"}
                    """
            ).validate()
        }
        #expect(found.map(\.kind) == (allowed ? [] : [.containerForCodec]))
        #expect(found.allSatisfy { $0.actual == container && $0.message.contains("allowed are") })
    }

    @Test("Each filter asks for its settings, all at once") func requiredSettings() throws {
        let found = try problems {
            try ProcessingOptions(
                text: """
                    {"filters":{"deinterlacer":"YADIF","reshaper":"CROP","prescaler":"SCALE","augmenter":"FACEFORWARD","scaler":"PABSR1",
                     "frameRateConverter":"FPS","postProcessor":"FILMGRAIN"}}
                    """
            ).validate()
        }
        #expect(
            Set(found.map(\.field)) == [
                "filterSettings.interlacedFieldOrderMode", "filterSettings.normalizedCropCoordinates",
                "filterSettings.prescaledResolution", "filterSettings.faceForward", "filterSettings.resolution",
                "filterSettings.clarityBoost", "filterSettings.frameRate", "filterSettings.filmGrain",
            ])
        #expect(found.allSatisfy { $0.kind == .invalid && $0.actual == nil })
    }

    @Test("Settings without their filter are ignored") func unusedSettings() throws {
        var options = ProcessingOptions(filterSettings: .init(dvres2Variant: .generic, resolution: .init()))
        #expect(try problems { try options.validate() }.isEmpty)
        options.filters = .init(scaler: .scale)
        #expect(try problems { try options.validate() }.map(\.kind) == [.missingResolution])
    }

    @Test(
        "What this build cannot run is refused by name, with what is available",
        arguments: [
            (#"{"filters":{"denoiser":"DENOISE"}}"#, "filters.denoiser", "DENOISE", "none"),
            (
                #"{"filters":{"scaler":"DVRES2"},"filterSettings":{"dvres2Variant":"GENERIC","resolution":{"tag":"FULL_HD"}}}"#,
                "filterSettings.dvres2Variant", "GENERIC", "FINE_TUNING"
            ),
            (
                #"{"filters":{"scaler":"DVRES2"},"filterSettings":{"resolution":{"tag":"FULL_HD"}}}"#,
                "filterSettings.dvres2Variant", "GENERIC", "FINE_TUNING"
            ),
            (
                #"{"filters":{"scaler":"DVRES"},"filterSettings":{"resolution":{"tag":"FULL_HD"}}}"#, "filters.scaler", "DVRES",
                "DVRES2, SCALE"
            ),
            (#"{"encodingProfile":"PRORES_422_HQ"}"#, "encodingProfile", "PRORES_422_HQ yuv422p10le in MOV", "HEVC"),
            (
                #"{"processingSettings":{"outputScanning":"INTERLACED_TOP_FIRST"}}"#, "processingSettings.outputScanning",
                "INTERLACED_TOP_FIRST", "AUTO, PROGRESSIVE"
            ),
        ])
    func unavailable(text: String, field: String, actual: String, available: String) throws {
        var capabilities = Capabilities()
        capabilities.scalers = [.dvres2, .scale]
        capabilities.dvres2Variants = [.fineTuning]
        capabilities.outputScannings = [.auto, .progressive]
        capabilities.encodings = [.init(codec: .hevc, chroma: [.yuv420], bitDepths: [.eight, .ten], containers: [.mov, .mp4])]
        let found = try problems { _ = try ProcessingOptions(text: text).validated(for: .make(1280, 720), capabilities: capabilities) }
        let problem = try #require(found.first)
        #expect(found.count == 1)
        #expect(problem.kind == .unavailable)
        #expect(problem.field == field)
        #expect(problem.actual == actual)
        #expect(problem.message.contains("available: \(available)"))
    }

    @Test("A learned scaler does not go below its source") func belowSource() throws {
        let options = ProcessingOptions(
            filters: .init(scaler: .dvres2), filterSettings: .init(dvres2Variant: .fineTuning, resolution: .init(tag: .standardHD)))
        let found = try problems { _ = try options.validated(for: .make(1920, 1080)) }
        #expect(found.map(\.kind) == [.resolutionBelowSource])
        let bicubic = ProcessingOptions(filters: .init(scaler: .scale), filterSettings: .init(resolution: .init(tag: .standardHD)))
        #expect(try bicubic.validated(for: .make(1920, 1080)).output.size == PictureSize(width: 1280, height: 720))
    }

    @Test("Odd sides cannot carry subsampled chroma") func oddSides() throws {
        let found = try problems { _ = try ProcessingOptions().validated(for: .make(853, 480)) }
        #expect(found.map(\.kind) == [.resolutionOutOfRange])
        #expect(found.first?.actual == "853×480")
    }

    @Test("Problems of options, positions and resolution come together") func together() throws {
        let options = ProcessingOptions(
            encodingConfiguration: .init(codec: .ffv1), container: .mp4, filters: .init(scaler: .dvres2),
            filterSettings: .init(dvres2Variant: .fineTuning, resolution: .init()))
        let found = try problems { _ = try options.validated(for: .make(1280, 720), startMilliseconds: 9500) }
        #expect(Set(found.map(\.kind)) == [.containerForCodec, .missingResolution, .startPosition])
    }

    @Test(
        "Frame rates cut to three digits mean n · 1000 / 1001",
        arguments: [(23.976, 24_000, 1001), (29.97, 30_000, 1001), (59.94, 60_000, 1001), (25, 25, 1), (24, 24, 1), (12.5, 25, 2)])
    func frameRates(fps: Double, numerator: Int64, denominator: Int64) {
        #expect(ProcessingOptions.FrameRate(fps: fps).rational == Rational(numerator, denominator))
    }
}
