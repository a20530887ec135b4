import CLibAV

/// How sound is stored when its codec cannot stay: uncompressed in QuickTime, as Apple Lossless in MP4.
struct AudioTarget: Equatable {
    /// 16, 24 or 32.
    let bits: Int
    let isCompressed: Bool

    /// 16 bits for sources of up to 16 bits, 24 for more and for codecs that compute in floating point, 32 for integers
    /// that have more. Nil where the target does not take the number of channels.
    init?(_ codec: AVCodecParameters, container: RenditionContainer) {
        isCompressed = !container.isQuickTime
        let format = AVSampleFormat(codec.format)
        let coded = codec.bits_per_raw_sample > 0 ? codec.bits_per_raw_sample : codec.bits_per_coded_sample
        switch format {
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P, AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: bits = 16
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P: bits = (1...24).contains(coded) ? 24 : isCompressed ? 24 : 32
        default: bits = 24
        }
        // ALAC has up to 8 channels.
        if isCompressed, codec.ch_layout.nb_channels > 8 { return nil }
    }

    var codecName: String { isCompressed ? "alac" : "pcm_s\(bits)le" }

    var codecID: AVCodecID {
        switch (isCompressed, bits) {
        case (true, _): AV_CODEC_ID_ALAC
        case (false, 16): AV_CODEC_ID_PCM_S16LE
        case (false, 24): AV_CODEC_ID_PCM_S24LE
        default: AV_CODEC_ID_PCM_S32LE
        }
    }
}
