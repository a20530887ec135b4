/// What this build can carry out, as data. Options outside it are valid requests that are refused before a job exists.
///
/// The one place to widen when a filter, codec or conversion lands.
package struct Capabilities: Hashable, Sendable {
    package var deinterlacers: [ProcessingOptions.Deinterlacer] = []
    package var reshapers: [ProcessingOptions.Reshaper] = []
    package var prescalers: [ProcessingOptions.Prescaler] = []
    package var denoisers: [ProcessingOptions.Denoiser] = []
    package var stabilizers: [ProcessingOptions.Stabilizer] = []
    package var augmenters: [ProcessingOptions.Augmenter] = []
    package var scalers: [ProcessingOptions.Scaler] = []
    package var dvres2Variants: [ProcessingOptions.DVRES2Variant] = []
    /// How many times the height of its picture a learned scaler's target may have.
    package var maximumEnlargement = 6
    package var frameRateConverters: [ProcessingOptions.FrameRateConverter] = []
    package var debanders: [ProcessingOptions.Debander] = []
    package var postProcessors: [ProcessingOptions.PostProcessor] = []
    package var toneMappings: [ProcessingOptions.ToneMapping] = []
    package var inverseToneMappings: [ProcessingOptions.InverseToneMapping] = []
    package var hdrFormats: [ProcessingOptions.HDRFormat] = []
    /// Whether SDR is converted to SDR of another colorimetry, and HDR to HDR.
    package var convertsColorimetry = false
    package var fixedOutputResolutions: [ProcessingOptions.FixedResolution] = []
    package var outputScannings: [ProcessingOptions.OutputScanning] = []
    package var encodings: [Encoding] = []
    /// Whether imports make thumbnails, full frames, a web video and a quality assessment.
    package var ingestsFully = false

    /// One codec with the formats and containers it can be written in.
    package struct Encoding: Hashable, Sendable {
        package var codec: OutputCodec
        package var chroma: [ProcessingOptions.ChromaSubsampling]
        package var bitDepths: [ProcessingOptions.BitDepth]
        package var containers: [ProcessingOptions.MediaContainer]

        package init(
            codec: OutputCodec, chroma: [ProcessingOptions.ChromaSubsampling], bitDepths: [ProcessingOptions.BitDepth],
            containers: [ProcessingOptions.MediaContainer]
        ) {
            self.codec = codec
            self.chroma = chroma
            self.bitDepths = bitDepths
            self.containers = containers
        }

        var description: String {
            "\(codec.rawValue) \(chroma.map(\.rawValue).joined(separator: "/")) "
                + "with \(bitDepths.map { "\($0.rawValue)" }.joined(separator: " or ")) bit "
                + "in \(containers.map(\.rawValue).joined(separator: " or "))"
        }
    }

    package init() {}

    private static let everyChroma = ProcessingOptions.ChromaSubsampling.allCases

    /// This build.
    package static let current = {
        var capabilities = Capabilities()
        capabilities.deinterlacers = ProcessingOptions.Deinterlacer.allCases
        capabilities.denoisers = ProcessingOptions.Denoiser.allCases
        capabilities.stabilizers = ProcessingOptions.Stabilizer.allCases
        capabilities.frameRateConverters = [.fps, .frameBlend, .motionInterpolate]
        capabilities.reshapers = ProcessingOptions.Reshaper.allCases
        capabilities.prescalers = ProcessingOptions.Prescaler.allCases
        capabilities.scalers = [.dvres2, .scale]
        capabilities.dvres2Variants = ProcessingOptions.DVRES2Variant.allCases
        capabilities.debanders = ProcessingOptions.Debander.allCases
        capabilities.postProcessors = ProcessingOptions.PostProcessor.allCases
        capabilities.toneMappings = ProcessingOptions.ToneMapping.allCases
        capabilities.inverseToneMappings = ProcessingOptions.InverseToneMapping.allCases
        capabilities.hdrFormats = ProcessingOptions.HDRFormat.allCases
        capabilities.convertsColorimetry = true
        capabilities.fixedOutputResolutions = ProcessingOptions.FixedResolution.allCases
        capabilities.outputScannings = ProcessingOptions.OutputScanning.allCases
        capabilities.ingestsFully = true
        capabilities.encodings = [
            Encoding(codec: .hevc, chroma: everyChroma, bitDepths: [.eight, .ten, .twelve], containers: [.mov, .mp4, .mpegTS]),
            Encoding(codec: .h264, chroma: everyChroma, bitDepths: [.eight, .ten], containers: [.mov, .mp4, .mxf, .mpegTS]),
            Encoding(codec: .mpeg2, chroma: [.yuv420, .yuv422], bitDepths: [.eight], containers: [.mov, .mxf, .mpegTS]),
            Encoding(codec: .xdcam, chroma: [.yuv422], bitDepths: [.eight], containers: [.mxf]),
            Encoding(codec: .ffv1, chroma: everyChroma, bitDepths: [.eight, .ten, .twelve], containers: [.mov]),
            Encoding(codec: .proRes, chroma: [.yuv422, .yuv444], bitDepths: [.ten], containers: [.mov]),
            // FFmpeg's encoder knows the sizes of the 4:4:4 classes, but refuses to code them.
            Encoding(codec: .dnxhd, chroma: [.yuv422], bitDepths: [.eight, .ten], containers: [.mov, .mxf]),
            Encoding(codec: .dnxhr, chroma: [.yuv422, .yuv444], bitDepths: [.eight, .ten], containers: [.mov, .mxf]),
        ]
        return capabilities
    }()
}
