import Picture

extension OutputEncoding {
    /// Settles codec, pixel format, bit rate and container: a profile wins over a configuration; without either HEVC; a
    /// container that is not named is the codec's preferred one.
    static func resolve(
        _ options: ProcessingOptions, source: PixelFormat, hdrFormat: ProcessingOptions.HDRFormat?, problems: ProblemCollector
    ) -> OutputEncoding {
        let configuration = options.encodingProfile == nil ? options.encodingConfiguration : nil
        let codec = options.outputCodec
        let container = options.container ?? codec.containers[0]
        if !codec.containers.contains(container) {
            problems.add(
                Problem(
                    .containerForCodec, field: "container", actual: container.rawValue,
                    "\(container.rawValue) cannot hold \(codec.rawValue); allowed are "
                        + codec.containers.map(\.rawValue).joined(separator: ", ")))
        }
        let (chroma, depth) = pixels(options, configuration?.pixelFormat, codec: codec, source: source, hdrFormat: hdrFormat)
        if !codec.takes(chroma, depth) {
            let allowed = codec.formats.map { "\($0.chroma.rawValue) with \($0.depth.rawValue) bit" }.joined(separator: ", ")
            problems.add(
                Problem(
                    field: "encodingConfiguration.pixelFormat", actual: "\(chroma.rawValue) with \(depth.rawValue) bit",
                    "\(codec.rawValue) does not take it; allowed are \(allowed)"))
        }
        check(hdrFormat, codec: codec, chroma: chroma, depth: depth, problems)
        return OutputEncoding(
            codec: codec, profile: options.encodingProfile,
            format: PixelFormat(model: .ycbcr, subsampling: chroma.subsampling, bitDepth: depth.rawValue),
            bitrate: configuration?.bitrate, container: container)
    }

    private static func pixels(
        _ options: ProcessingOptions, _ wish: ProcessingOptions.PixelFormat?, codec: OutputCodec, source: PixelFormat,
        hdrFormat: ProcessingOptions.HDRFormat?
    ) -> (ProcessingOptions.ChromaSubsampling, ProcessingOptions.BitDepth) {
        if let profile = options.encodingProfile { return (profile.chroma, profile.bitDepth) }
        if let wish { return (wish.yuv ?? .yuv420, wish.bitDepth ?? .eight) }
        // HDR formats settle their own: taking an 8-bit source's would make each of them an error.
        if hdrFormat != nil { return (.yuv420, .ten) }
        let chroma = ProcessingOptions.ChromaSubsampling(nearest: source)
        let depth = ProcessingOptions.BitDepth.allCases.first { $0.rawValue >= source.bitDepth } ?? .twelve
        let formats = codec.formats
        // The source's, or the nearest that the codec takes: first in depth, then in chroma.
        let depths = [depth] + ProcessingOptions.BitDepth.allCases.reversed()
        for depth in depths where formats.contains(where: { $0.depth == depth && $0.chroma == chroma }) { return (chroma, depth) }
        return formats.last.map { ($0.chroma, $0.depth) } ?? (chroma, depth)
    }

    private static func check(
        _ format: ProcessingOptions.HDRFormat?, codec: OutputCodec, chroma: ProcessingOptions.ChromaSubsampling,
        depth: ProcessingOptions.BitDepth, _ problems: ProblemCollector
    ) {
        guard let format, format != .hlg else { return }
        func refuse(_ field: String, _ actual: String, _ allowed: String) {
            problems.add(
                Problem(
                    .outputColorConversion, field: "encodingConfiguration.\(field)", actual: actual,
                    "must be \(allowed) for hdrFormat \(format.rawValue)"))
        }
        if depth != .ten { refuse("pixelFormat.bitDepth", "\(depth.rawValue)", "10") }
        guard format == .hdr10 else { return }
        if codec != .hevc { refuse("codec", codec.rawValue, "HEVC") }
        if chroma != .yuv420 { refuse("pixelFormat.yuv", chroma.rawValue, "4:2:0") }
    }
}

extension OutputCodec {
    /// Every pixel format the codec takes.
    var formats: [(chroma: ProcessingOptions.ChromaSubsampling, depth: ProcessingOptions.BitDepth)] {
        ProcessingOptions.ChromaSubsampling.allCases.flatMap { chroma in
            ProcessingOptions.BitDepth.allCases.filter { takes(chroma, $0) }.map { (chroma, $0) }
        }
    }
}

extension ProcessingOptions.ChromaSubsampling {
    /// The named layout with at least the chroma of `format`.
    init(nearest format: PixelFormat) {
        switch format.subsampling {
        case .gray, .yuv420, .yuv410: self = .yuv420
        case .yuv422, .yuv411: self = .yuv422
        case .yuv444, .yuv440: self = .yuv444
        }
    }
}
