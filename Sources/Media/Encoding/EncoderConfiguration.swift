import CLibAV
import ColorScience
import Picture
import Primitives

/// The settings of one library encoder that follow from a request: pinned wherever output could otherwise depend on
/// the machine.
struct EncoderConfiguration {
    /// The library's name of the encoder.
    var encoder: String
    /// The encoder's own options.
    var options: [(key: String, value: String)] = []
    /// Bits a second; nil for constant quality.
    var bitrate: Int?
    /// Threads; nil where the output depends on their number and it is pinned to one.
    var threads: Int?
    /// Reordered frames between references; nil leaves it to the encoder.
    var maximumBFrames: Int?
    /// Largest quantiser; nil leaves it to the encoder.
    var maximumQuantizer: Int?
    /// Largest distance of keyframes; nil for what is asked for.
    var maximumKeyframeInterval: Int?
    /// Size of the decoder's buffer in bits, which `bitrate` fills without pause; nil for no such promise.
    var constantRateBuffer: Int?
    /// The library's number of the profile, and of the level; nil leaves them to the encoder.
    var profile: (number: Int32, level: Int32)?
    /// Bits of DC coefficients beyond 8.
    var extraDCBits = 0
    /// The encoder wants frames counted at the frame rate instead of times: its stream knows constant rates only.
    var countsFrames = false
    /// Every frame is a keyframe, whatever interval is asked for.
    var codesFramesAlone = false
    /// Fields are coded as fields.
    var codesFields = false
    /// Parameter sets in the packets move to the stream's header.
    var parameterSets = ParameterSets.none

    /// Kind of parameter sets that an encoder repeats in its packets.
    enum ParameterSets { case none, hevc, h264 }

    /// - Throws: `unsupported(.encoding)` naming what excludes what.
    init(_ request: EncoderRequest, threads: Int) throws(MediaError) {
        guard request.keyframeInterval >= 1 else { throw .unsupported(.encoding("a keyframe interval of \(request.keyframeInterval)")) }
        guard request.frameRate.numerator > 0, request.timebase.numerator > 0 else {
            throw .unsupported(.encoding("frame rate \(request.frameRate), timebase \(request.timebase)"))
        }
        guard !request.layout.format.hasAlpha else { throw .unsupported(.encoding("alpha")) }
        self.threads = threads
        encoder = ""
        switch request.settings {
        case .hevc(let settings): try configure(hevc: settings, request, threads)
        case .h264(let settings): try configure(h264: settings, request)
        case .mpeg2(let settings): try configure(mpeg2: settings, request)
        case .xdcam: try configure(xdcam: request)
        case .prores(let profile): try configure(prores: profile, request)
        case .dnxhr(let profile): try configure(dnxhr: profile, request)
        case .dnxhd(let bitrate): try configure(dnxhd: bitrate, request)
        case .ffv1: configure(ffv1: request)
        }
    }

    static func require(_ format: PixelFormat, among formats: [PixelFormat], for codec: String) throws(MediaError) {
        guard formats.contains(format) else { throw .unsupported(.encoding("\(codec) with \(format)")) }
    }
}

// MARK: - H.265

extension EncoderConfiguration {
    private mutating func configure(hevc settings: HEVCSettings, _ request: EncoderRequest, _ threads: Int) throws(MediaError) {
        let format = request.layout.format
        try Self.require(
            format,
            among: [
                .yuv420p, .yuv422p, .yuv444p, .yuv420p10, .yuv422p10, .yuv444p10, .yuv420p12, .yuv422p12, .yuv444p12, .gray,
            ], for: "H.265")
        guard !request.fieldOrder.isInterlaced else { throw .unsupported(.encoding("H.265 with fields")) }
        encoder = "libx265"
        parameterSets = .hevc
        options.append(("preset", settings.preset.rawValue))
        var parameters: [(String, String)] = [
            // One frame at a time and no text about the run: the bytes do not depend on the machine.
            ("frame-threads", "1"), ("info", "0"), ("log-level", "error"),
            // Closed groups of fixed length; HDR metadata at each, so that every one stands alone.
            ("open-gop", "0"), ("scenecut", "0"), ("keyint", "\(request.keyframeInterval)"),
            ("min-keyint", "\(request.keyframeInterval)"), ("repeat-headers", "1"),
            ("fps", "\(request.frameRate.numerator)/\(request.frameRate.denominator)"),
        ]
        if threads > 0 { parameters.append(("pools", "\(threads)")) }
        switch settings.rateControl ?? .quality(HEVCSettings.defaultQuality) {
        case .quality(let quality): options.append(("crf", "\(quality)"))
        case .bitrate(let rate): bitrate = rate
        }
        if format.subsampling == .yuv420, request.colorTags.siting != .unspecified {
            parameters.append(("chromaloc", "\(request.colorTags.siting.rawValue)"))
        }
        if request.colorTags.transfer == .pq, request.colorTags.primaries == .bt2020, format.bitDepth >= 10 {
            // Spends bits where the PQ curve makes them count.
            parameters.append(("hdr10-opt", "1"))
        }
        if let display = request.hdr.masteringDisplay { parameters.append(("master-display", Self.display(display))) }
        if let level = request.hdr.lightLevel { parameters.append(("max-cll", "\(level.maxCLL),\(level.maxFALL)")) }
        options.append(("x265-params", parameters.map { "\($0)=\($1)" }.joined(separator: ":")))
    }

    /// A mastering display as x264 and x265 read it.
    private static func display(_ display: CodedMasteringDisplay) -> String {
        func point(_ point: CodedChromaticity) -> String { "(\(point.x),\(point.y))" }
        return "G\(point(display.green))B\(point(display.blue))R\(point(display.red))WP\(point(display.white))"
            + "L(\(display.maxLuminance),\(display.minLuminance))"
    }
}

// MARK: - H.264, MPEG-2

extension EncoderConfiguration {
    private mutating func configure(h264 settings: H264Settings, _ request: EncoderRequest) throws(MediaError) {
        try Self.require(
            request.layout.format, among: [.yuv420p, .yuv422p, .yuv444p, .yuv420p10, .yuv422p10, .yuv444p10, .gray], for: "H.264")
        encoder = "libx264"
        parameterSets = .h264
        codesFields = request.fieldOrder.isInterlaced
        // Given times, the encoder writes their unit into the stream as the length of a frame: 24,000 frames a second.
        let isConstant = request.isConstantRate == true
        countsFrames = isConstant
        options.append(("preset", settings.preset.rawValue))
        switch settings.rateControl ?? .quality(H264Settings.defaultQuality) {
        case .quality(let quality): options.append(("crf", "\(quality)"))
        case .bitrate(let rate): bitrate = rate
        }
        var parameters: [(String, String)] = [
            ("open-gop", "0"), ("scenecut", "0"), ("keyint", "\(request.keyframeInterval)"),
            ("min-keyint", "\(request.keyframeInterval)"), ("force-cfr", isConstant ? "1" : "0"), ("repeat-headers", "1"),
        ]
        // Slices of several threads differ from those of one: the number is pinned, as is the lookahead's.
        parameters += [("threads", "1"), ("lookahead-threads", "1")]
        // x264's AVX-512 code reads memory it never wrote (macroblock tree, at some sizes, seen in version 164), so that the
        // bytes differ from run to run. The older instructions give one and the same stream.
        if av_get_cpu_flags() & AV_CPU_FLAG_AVX512 != 0 { parameters.append(("asm", "AVX2,FMA3,LZCNT,BMI1,BMI2")) }
        if request.layout.format.subsampling == .yuv420, request.colorTags.siting != .unspecified {
            parameters.append(("chromaloc", "\(request.colorTags.siting.rawValue)"))
        }
        if let frames = settings.reorderedFrames { parameters.append(("bframes", "\(frames)")) }
        if let display = request.hdr.masteringDisplay { parameters.append(("mastering-display", Self.display(display))) }
        if let level = request.hdr.lightLevel { parameters.append(("cll", "\(level.maxCLL),\(level.maxFALL)")) }
        if request.fieldOrder == .topFirst { parameters.append(("tff", "1")) }
        if request.fieldOrder == .bottomFirst { parameters.append(("bff", "1")) }
        threads = nil
        options.append(("x264-params", parameters.map { "\($0)=\($1)" }.joined(separator: ":")))
    }

    private mutating func configure(mpeg2 settings: MPEG2Settings, _ request: EncoderRequest) throws(MediaError) {
        try Self.require(request.layout.format, among: [.yuv420p, .yuv422p], for: "MPEG-2")
        encoder = "mpeg2video"
        countsFrames = true
        codesFields = request.fieldOrder.isInterlaced
        let samplesASecond = Double(request.layout.size.sampleCount) * request.frameRate.double
        bitrate = settings.bitrate ?? max(Int(samplesASecond * 0.35), 10_000)
        maximumBFrames = min(2, request.keyframeInterval - 1)
        maximumQuantizer = 28
        threads = nil
        // Scene changes would put keyframes where the interval has none; groups are as long as they are asked for, where the encoder
        // would end them at the last whole run of B frames.
        options += [("sc_threshold", "1000000000"), ("mpv_flags", "+strict_gop")]
    }
}

// MARK: - XDCAM HD422

extension EncoderConfiguration {
    /// Bits a second of the format (SMPTE RDD 9).
    static let xdcamBitrate = 50_000_000
    /// Bits of the decoder's buffer.
    static let xdcamBuffer = 17_825_792

    private mutating func configure(xdcam request: EncoderRequest) throws(MediaError) {
        try Self.require(request.layout.format, among: [.yuv422p], for: "XDCAM HD422")
        encoder = "mpeg2video"
        countsFrames = true
        codesFields = request.fieldOrder.isInterlaced
        bitrate = Self.xdcamBitrate
        constantRateBuffer = Self.xdcamBuffer
        // 4:2:2 profile at high level.
        profile = (0, 2)
        extraDCBits = 2
        maximumKeyframeInterval = request.settings.longestGroup(at: request.frameRate)
        maximumBFrames = min(2, request.keyframeInterval - 1)
        // With the finer steps of the non-linear quantiser, larger ones are no codes.
        maximumQuantizer = 28
        threads = nil
        options += [("sc_threshold", "1000000000"), ("mpv_flags", "+strict_gop"), ("non_linear_quant", "1"), ("intra_vlc", "1")]
    }
}

// MARK: - Mezzanine codecs, all of which code every frame alone

extension EncoderConfiguration {
    private mutating func configure(prores profile: ProResProfile, _ request: EncoderRequest) throws(MediaError) {
        let is444 = profile == .p4444 || profile == .p4444xq
        try Self.require(request.layout.format, among: [is444 ? .yuv444p10 : .yuv422p10], for: "ProRes")
        encoder = "prores_ks"
        codesFields = request.fieldOrder.isInterlaced
        // The encoder heeds its own option alone; the general profile number leaves it at HQ.
        options += [("profile", "\(profile.rawValue)"), ("vendor", "apl0")]
    }

    private mutating func configure(dnxhr profile: DNxHRProfile, _ request: EncoderRequest) throws(MediaError) {
        let format: PixelFormat =
            switch profile {
            case .lb, .sq, .hq: .yuv422p
            case .hqx: .yuv422p10
            case .p444: .yuv444p10
            }
        try Self.require(request.layout.format, among: [format], for: "DNxHR")
        guard !request.fieldOrder.isInterlaced else { throw .unsupported(.encoding("DNxHR with fields")) }
        guard request.layout.size.width >= 256, request.layout.size.height >= 120 else {
            throw .unsupported(.encoding("DNxHR below 256×120"))
        }
        encoder = "dnxhd"
        options += [("profile", profile == .p444 ? "dnxhr_444" : "dnxhr_\(profile.rawValue)")]
    }

    /// The encoder looks the class up by size, bits and rate in megabits, and refuses pairs that do not exist.
    private mutating func configure(dnxhd bitrate: Int, _ request: EncoderRequest) throws(MediaError) {
        try Self.require(request.layout.format, among: [.yuv422p, .yuv422p10, .yuv444p10], for: "DNxHD")
        encoder = "dnxhd"
        self.bitrate = bitrate
        codesFields = request.fieldOrder.isInterlaced
        options += [("profile", "dnxhd")]
    }

    private mutating func configure(ffv1 request: EncoderRequest) {
        encoder = "ffv1"
        // Otherwise the coder's statistics run on from frame to frame, and cuts would show in the bytes.
        codesFramesAlone = true
        // Version 3 with checksums in every slice. Small pictures cannot be divided; the number never follows the threads.
        let isSmall = request.layout.size.width < 128 || request.layout.size.height < 64
        if isSmall { threads = nil }
        options += [("level", isSmall ? "1" : "3"), ("coder", "1"), ("context", "1")]
        if !isSmall { options += [("slicecrc", "1"), ("slices", "4")] }
    }
}
