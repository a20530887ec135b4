/// Professional intermediate profiles; each settles codec, pixel format, bit rate and container family.
package enum EncodingProfile: String, CaseIterable, Sendable, Codable {
    case proRes422LT = "PRORES_422_LT"
    case proRes422Standard = "PRORES_422_STANDARD"
    case proRes422Proxy = "PRORES_422_PROXY"
    case proRes422HQ = "PRORES_422_HQ"
    case proRes4444Standard = "PRORES_4444_STANDARD"
    case proRes4444XQ = "PRORES_4444_XQ"
    case dnxhd36LB = "DNXHD_36_LB"
    case dnxhd45LB = "DNXHD_45_LB"
    case dnxhd75LB = "DNXHD_75_LB"
    case dnxhd90LB = "DNXHD_90_LB"
    case dnxhd115SQ = "DNXHD_115_SQ"
    case dnxhd120SQ = "DNXHD_120_SQ"
    case dnxhd145SQ = "DNXHD_145_SQ"
    case dnxhd240SQ = "DNXHD_240_SQ"
    case dnxhd290SQ = "DNXHD_290_SQ"
    case dnxhd175HQ = "DNXHD_175_HQ"
    case dnxhd185HQ = "DNXHD_185_HQ"
    case dnxhd220HQ = "DNXHD_220_HQ"
    case dnxhd365HQ = "DNXHD_365_HQ"
    case dnxhd440HQ = "DNXHD_440_HQ"
    case dnxhd175xHQX = "DNXHD_175X_HQX"
    case dnxhd185xHQX = "DNXHD_185X_HQX"
    case dnxhd220xHQX = "DNXHD_220X_HQX"
    case dnxhd365xHQX = "DNXHD_365X_HQX"
    case dnxhd440xHQX = "DNXHD_440X_HQX"
    case dnxhd350x444 = "DNXHD_350X_444"
    case dnxhd390x444 = "DNXHD_390X_444"
    case dnxhd440x444 = "DNXHD_440X_444"
    case dnxhd730x444 = "DNXHD_730X_444"
    case dnxhd880x444 = "DNXHD_880X_444"
    case dnxhrLB = "DNXHR_LB"
    case dnxhrSQ = "DNXHR_SQ"
    case dnxhrHQ = "DNXHR_HQ"
    case dnxhrHQX = "DNXHR_HQX"
    case dnxhr444 = "DNXHR_444"

    /// The codec the profile stands for.
    package var codec: OutputCodec {
        if rawValue.hasPrefix("PRORES") { return .proRes }
        return rawValue.hasPrefix("DNXHD") ? .dnxhd : .dnxhr
    }

    /// Chroma layout of the profile: 4:4:4 in those that say so, else 4:2:2.
    package var chroma: ProcessingOptions.ChromaSubsampling { rawValue.contains("444") ? .yuv444 : .yuv422 }

    /// Bits of a sample: ProRes, the X classes and 4:4:4 carry 10, the rest of DNx 8. ProRes 4444 and DNxHR HQX could
    /// carry 12; the library's encoders take 10.
    package var bitDepth: ProcessingOptions.BitDepth {
        switch self {
        case .proRes4444Standard, .proRes4444XQ, .dnxhrHQX, .proRes422LT, .proRes422Standard, .proRes422Proxy, .proRes422HQ, .dnxhd175xHQX,
            .dnxhd185xHQX, .dnxhd220xHQX, .dnxhd365xHQX,
            .dnxhd440xHQX, .dnxhd350x444, .dnxhd390x444, .dnxhd440x444, .dnxhd730x444, .dnxhd880x444, .dnxhr444:
            .ten
        case .dnxhd36LB, .dnxhd45LB, .dnxhd75LB, .dnxhd90LB, .dnxhd115SQ, .dnxhd120SQ, .dnxhd145SQ, .dnxhd240SQ, .dnxhd290SQ,
            .dnxhd175HQ, .dnxhd185HQ, .dnxhd220HQ, .dnxhd365HQ, .dnxhd440HQ, .dnxhrLB, .dnxhrSQ, .dnxhrHQ:
            .eight
        }
    }
}

/// Every codec a rendition can have, whether configured or settled by a profile.
package enum OutputCodec: String, CaseIterable, Sendable, Codable {
    case h264 = "H264"
    case hevc = "HEVC"
    case mpeg2 = "MPEG2"
    case xdcam = "XDCAM"
    case ffv1 = "FFV1"
    case proRes = "PRORES"
    case dnxhd = "DNXHD"
    case dnxhr = "DNXHR"

    /// Whether a player learns from the stream, or from its containers here, that the numbers are full range. FFV1 and ProRes
    /// in QuickTime have no place for it, and MPEG-2 is limited by its standard (ISO/IEC 13818-2 6.3.6).
    package var namesRange: Bool {
        switch self {
        case .h264, .hevc, .dnxhd, .dnxhr: true
        case .mpeg2, .xdcam, .ffv1, .proRes: false
        }
    }

    package init(_ codec: ProcessingOptions.Codec) {
        switch codec {
        case .h264: self = .h264
        case .mpeg2: self = .mpeg2
        case .hevc: self = .hevc
        case .xdcam: self = .xdcam
        case .ffv1: self = .ffv1
        }
    }

    /// The containers the codec may stand in, the preferred one first; every other pair is refused.
    package var containers: [ProcessingOptions.MediaContainer] {
        switch self {
        case .h264: [.mov, .mxf, .mp4, .mpegTS]
        case .hevc: [.mov, .mp4, .mpegTS]
        case .mpeg2: [.mov, .mxf, .mpegTS]
        case .xdcam: [.mxf]
        case .ffv1, .proRes: [.mov]
        case .dnxhd, .dnxhr: [.mov, .mxf]
        }
    }

    /// The pixel formats the codec takes.
    package func takes(_ chroma: ProcessingOptions.ChromaSubsampling, _ depth: ProcessingOptions.BitDepth) -> Bool {
        switch self {
        case .h264: depth != .twelve
        case .hevc, .ffv1: true
        case .mpeg2: depth == .eight && chroma != .yuv444
        case .xdcam: depth == .eight && chroma == .yuv422
        case .proRes: (chroma == .yuv422 || chroma == .yuv444) && depth == .ten
        case .dnxhd, .dnxhr: (chroma == .yuv422 && depth != .twelve) || (chroma == .yuv444 && depth == .ten)
        }
    }
}
