import CLibAV

/// How sound is stored when its codec cannot stay: uncompressed in QuickTime and MXF, as Apple Lossless in MP4 or, where that
/// has no such layout of channels, as FLAC, and as AAC in transport streams and for browsers.
struct AudioTarget: Equatable {
    enum Form: Equatable { case uncompressed, lossless, freeLossless, advancedAudioCoding }

    let form: Form
    /// 16, 24 or 32.
    let bits: Int
    /// In Hz; another one than the source's where the target does not take that.
    let sampleRate: Int32
    /// Whether the track begins and ends with the picture, silent where the source has nothing.
    let fillsPicture: Bool

    /// 16 bits for sources of up to 16 bits, 24 for more and for codecs that compute in floating point, 32 for integers
    /// that have more where the target has them. Nil where the target does not take the number of channels.
    init?(_ codec: AVCodecParameters, container: RenditionContainer, isForBrowsers: Bool) {
        form =
            isForBrowsers || container == .mpegTS
            ? .advancedAudioCoding : container != .mp4 ? .uncompressed : Self.appleLosslessTakes(codec) ? .lossless : .freeLossless
        fillsPicture = container.interleavesWholeFrames
        let format = AVSampleFormat(codec.format)
        let coded = codec.bits_per_raw_sample > 0 ? codec.bits_per_raw_sample : codec.bits_per_coded_sample
        switch format {
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P, AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: bits = 16
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P: bits = (1...24).contains(coded) || !container.isQuickTime ? 24 : 32
        default: bits = 24
        }
        // Apple Lossless, FLAC and AAC have up to 8 channels; 7 have no layout in AAC.
        if form != .uncompressed, codec.ch_layout.nb_channels > 8 { return nil }
        if form == .advancedAudioCoding, codec.ch_layout.nb_channels == 7 { return nil }
        let isTaken =
            switch form {
            // SMPTE ST 382 fixes none, but a frame's share of the samples is defined for this rate alone.
            case .uncompressed: container != .mxf || codec.sample_rate == Self.broadcastRate
            case .lossless, .freeLossless: true
            case .advancedAudioCoding: Self.codedRates.contains(codec.sample_rate)
            }
        sampleRate = isTaken ? codec.sample_rate : Self.broadcastRate
    }

    /// Apple Lossless names few layouts: eight channels are those of cinemas there, with two more in front, and not 7.1.
    private static func appleLosslessTakes(_ codec: AVCodecParameters) -> Bool {
        let layout = codec.ch_layout
        guard layout.order == AV_CHANNEL_ORDER_NATIVE else { return [1, 2, 5, 6].contains(layout.nb_channels) }
        return [
            masks.mono, masks.stereo, masks.four, masks.five | masks.back, masks.five | masks.side, masks.five | masks.back | masks.low,
            masks.five | masks.side | masks.low,
        ].contains(layout.u.mask)
    }

    /// Channels of a layout as the library's bits: front left and right, front center, low frequencies, back left and right,
    /// back center, side left and right.
    private static let masks = (
        mono: UInt64(0x4), stereo: UInt64(0x3), four: UInt64(0x107), five: UInt64(0x7), low: UInt64(0x8), back: UInt64(0x30),
        side: UInt64(0x600), quad: UInt64(0x33)
    )

    private static let broadcastRate: Int32 = 48_000

    /// The layout with which sound is marked whose channels have no names. Four are two pairs, front and back, in FLAC (RFC 9639 9.1.3),
    /// as in WAVE, Vorbis and Opus; in AAC (ISO/IEC 14496-3 Table 1.19) they are three in front and one behind.
    func fallbackLayout(_ channels: Int32) -> AVChannelLayout {
        var layout = AVChannelLayout()
        if form == .freeLossless, channels == 4 {
            av_channel_layout_from_mask(&layout, Self.masks.quad)
        } else {
            av_channel_layout_default(&layout, channels)
        }
        return layout
    }

    /// Its name; nil where the target needs none, or the source has names.
    func assumedLayout(_ codec: AVCodecParameters) -> String? {
        guard isCompressed, codec.ch_layout.order != AV_CHANNEL_ORDER_NATIVE, codec.ch_layout.nb_channels > 2 else { return nil }
        var layout = fallbackLayout(codec.ch_layout.nb_channels)
        defer { av_channel_layout_uninit(&layout) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, av_channel_layout_describe(&layout, start, buffer.count) > 0 else { return nil }
            return String(cString: start)
        }
    }

    /// Sampling rates of AAC (ISO/IEC 14496-3 Table 1.18).
    private static let codedRates: Set<Int32> = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ]

    var isCompressed: Bool { form != .uncompressed }

    var codecName: String {
        switch form {
        case .uncompressed: "pcm_s\(bits)le"
        case .lossless: "alac"
        case .freeLossless: "flac"
        case .advancedAudioCoding: "aac"
        }
    }

    var codecID: AVCodecID {
        switch (form, bits) {
        case (.lossless, _): AV_CODEC_ID_ALAC
        case (.freeLossless, _): AV_CODEC_ID_FLAC
        case (.advancedAudioCoding, _): AV_CODEC_ID_AAC
        case (.uncompressed, 16): AV_CODEC_ID_PCM_S16LE
        case (.uncompressed, 24): AV_CODEC_ID_PCM_S24LE
        case (.uncompressed, _): AV_CODEC_ID_PCM_S32LE
        }
    }

    /// What the samples are stored as.
    var format: AVSampleFormat {
        switch form {
        case .advancedAudioCoding: AV_SAMPLE_FMT_FLTP
        case .uncompressed, .lossless, .freeLossless: bits == 16 ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_S32
        }
    }
}
