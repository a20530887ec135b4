import Domain
import Media

extension EncodingSettings {
    /// The settings of what a recipe wants coded.
    ///
    /// - Throws: `stageUnavailable` for a codec without an encoder.
    init(_ encoding: OutputEncoding) throws(PipelineError) {
        let bitrate = encoding.bitrate.map { Int($0) }
        let control = bitrate.map { RateControl.bitrate($0) }
        switch encoding.codec {
        case .hevc: self = .hevc(HEVCSettings(rateControl: control))
        case .h264: self = .h264(H264Settings(rateControl: control, reorderedFrames: encoding.container == .mxf ? 0 : nil))
        case .mpeg2: self = .mpeg2(MPEG2Settings(bitrate: bitrate))
        case .ffv1: self = .ffv1
        case .proRes, .dnxhd, .dnxhr:
            guard let settings = encoding.profile.flatMap({ Self.intermediate($0) }) else {
                throw .stageUnavailable(step: "\(encoding.codec.rawValue) without its profile", available: [])
            }
            self = settings
        case .xdcam: self = .xdcam
        }
    }

    /// Nil for profiles of no intermediate codec.
    private static func intermediate(_ profile: EncodingProfile) -> EncodingSettings? {
        switch profile {
        case .proRes422Proxy: .prores(.proxy)
        case .proRes422LT: .prores(.lt)
        case .proRes422Standard: .prores(.standard)
        case .proRes422HQ: .prores(.hq)
        case .proRes4444Standard: .prores(.p4444)
        case .proRes4444XQ: .prores(.p4444xq)
        case .dnxhrLB: .dnxhr(.lb)
        case .dnxhrSQ: .dnxhr(.sq)
        case .dnxhrHQ: .dnxhr(.hq)
        case .dnxhrHQX: .dnxhr(.hqx)
        case .dnxhr444: .dnxhr(.p444)
        default: profile.dnxhdMegabits.map { .dnxhd(bitrate: $0 * 1_000_000) }
        }
    }
}
