import CLibAV
import Picture
import Primitives

/// What is done with each stream of the source other than the picture.
struct PassthroughPlan {
    /// A stream that goes into the rendition, and how.
    struct Route {
        let source: Int
        let treatment: Treatment
    }

    enum Treatment {
        /// Packets as they are.
        case copy
        /// Sound that is decoded and stored again, sample for sample.
        case audio(AudioTarget)
        /// Text that is written in the container's own form.
        case text
    }

    private(set) var routes: [Route] = []
    private(set) var decisions: [StreamDecision] = []
    /// Address of the rendition's first frame.
    private(set) var timecode: String?
    /// Why there is none, where the source has one; nil otherwise.
    private(set) var timecodeLoss: AssemblyReport.Omission?

    /// - Parameters:
    ///   - picture: stream that was processed.
    ///   - frameRates: of the source and of the rendition.
    init(
        _ file: borrowing InputFile, picture: Int, range: FrameRange, frameRates: (source: Rational, output: Rational),
        container: RenditionContainer, isForBrowsers: Bool
    ) {
        for index in 0..<file.streamCount {
            let codec = file.stream(index).pointee.codecpar.pointee
            let name = codec.codec_id == AV_CODEC_ID_NONE ? tagName(codec.codec_tag) : CodecName(codec.codec_id).name
            let isCover = file.stream(index).pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
            let decided: Decided =
                switch codec.codec_type {
                case AVMEDIA_TYPE_VIDEO:
                    index == picture
                        ? Decided(.video, .replaced, .processed) : Decided(.video, .dropped, isCover ? .attachmentRefused : .otherVideo)
                case AVMEDIA_TYPE_AUDIO: Self.audio(codec, container, isForBrowsers: isForBrowsers)
                case AVMEDIA_TYPE_SUBTITLE: Self.subtitle(codec, container)
                case AVMEDIA_TYPE_ATTACHMENT: Decided(.attachment, .dropped, .attachmentRefused)
                case AVMEDIA_TYPE_DATA where file.raw.pointee.nb_chapters > 0 && codec.codec_tag == remaster_tag(116, 101, 120, 116):
                    // QuickTime's text track of the chapters.
                    container.isISO ? Decided(.data, .replaced, .chaptersRewritten) : Decided(.data, .dropped, .chaptersRefused)
                default:
                    name == "tmcd" || codec.codec_tag == remaster_tag(116, 109, 99, 100)
                        ? Decided(.data, .dropped, .timecodeRefused) : Decided(.data, .dropped, .unknownData)
                }
            if let treatment = decided.treatment { routes.append(Route(source: index, treatment: treatment)) }
            decisions.append(
                StreamDecision(
                    sourceStream: index, kind: decided.kind, codecName: name, action: decided.action, reason: decided.reason,
                    newCodecName: decided.newCodecName, assumedLayout: decided.assumedLayout))
        }
        let tracks = decisions.filter { $0.reason == .timecodeRefused }.map(\.sourceStream)
        carryTimecode(
            CarriedTimecode(file, picture: picture, tracks: tracks, range: range, frameRates: frameRates, container: container))
    }

    /// A decision in the making.
    private struct Decided {
        let kind: StreamDecision.Kind
        let action: StreamDecision.Action
        let reason: StreamDecision.Reason
        var treatment: Treatment?
        var newCodecName: String?
        var assumedLayout: String?

        init(
            _ kind: StreamDecision.Kind, _ action: StreamDecision.Action, _ reason: StreamDecision.Reason, _ treatment: Treatment? = nil,
            _ newCodecName: String? = nil
        ) {
            (self.kind, self.action, self.reason, self.treatment, self.newCodecName) = (kind, action, reason, treatment, newCodecName)
        }
    }

    private static func audio(_ codec: AVCodecParameters, _ container: RenditionContainer, isForBrowsers: Bool) -> Decided {
        guard codec.codec_id != AV_CODEC_ID_NONE else { return Decided(.audio, .dropped, .unknownCodec) }
        guard codec.sample_rate > 0, codec.ch_layout.nb_channels > 0 else {
            return Decided(.audio, .dropped, avcodec_find_decoder(codec.codec_id) == nil ? .unknownCodec : .noParameters)
        }
        if isForBrowsers ? browsersTake(codec.codec_id) : accepts(container, codec.codec_id) {
            return Decided(.audio, .kept, .compatible, .copy)
        }
        guard avcodec_find_decoder(codec.codec_id) != nil,
            let target = AudioTarget(codec, container: container, isForBrowsers: isForBrowsers)
        else {
            return Decided(.audio, .dropped, .codecRefused)
        }
        if target.codecID == codec.codec_id, target.sampleRate == codec.sample_rate {
            // The same samples, laid out anew.
            return Decided(.audio, .kept, .compatible, .audio(target))
        }
        var decided = Decided(
            .audio, .converted, target.sampleRate == codec.sample_rate ? .codecRefusedConverted : .rateRefusedConverted, .audio(target),
            target.codecName)
        decided.assumedLayout = target.assumedLayout(codec)
        return decided
    }

    private static func subtitle(_ codec: AVCodecParameters, _ container: RenditionContainer) -> Decided {
        guard container.isISO else { return Decided(.subtitle, .dropped, .codecRefused) }
        if codec.codec_id == AV_CODEC_ID_MOV_TEXT { return Decided(.subtitle, .kept, .compatible, .copy) }
        guard let descriptor = avcodec_descriptor_get(codec.codec_id) else { return Decided(.subtitle, .dropped, .unknownCodec) }
        guard descriptor.pointee.props & AV_CODEC_PROP_TEXT_SUB != 0, avcodec_find_decoder(codec.codec_id) != nil else {
            let isPicture = descriptor.pointee.props & AV_CODEC_PROP_BITMAP_SUB != 0
            return Decided(.subtitle, .dropped, isPicture ? .picturesAsSubtitles : .codecRefused)
        }
        return Decided(.subtitle, .converted, .textRewritten, .text, "mov_text")
    }

    /// What every browser plays in MP4.
    private static func browsersTake(_ codec: AVCodecID) -> Bool { codec == AV_CODEC_ID_AAC || codec == AV_CODEC_ID_MP3 }

    /// Whether players find the codec in the container: what its specification registers, less than the muxer takes.
    private static func accepts(_ container: RenditionContainer, _ codec: AVCodecID) -> Bool {
        if container == .mxf { return false }
        if container == .mpegTS { return transportStreamsTake(codec) }
        return switch codec {
        case AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_MP3, AV_CODEC_ID_ALAC: true
        case AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC, AV_CODEC_ID_DTS, AV_CODEC_ID_MP2: container == .mp4
        case AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_PCM_S16BE, AV_CODEC_ID_PCM_S24LE, AV_CODEC_ID_PCM_S24BE, AV_CODEC_ID_PCM_S32LE,
            AV_CODEC_ID_PCM_S32BE, AV_CODEC_ID_PCM_F32LE, AV_CODEC_ID_PCM_F32BE, AV_CODEC_ID_PCM_F64LE, AV_CODEC_ID_PCM_F64BE,
            AV_CODEC_ID_PCM_U8, AV_CODEC_ID_PCM_S8, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW, AV_CODEC_ID_ADPCM_IMA_QT:
            container.isQuickTime
        default: false
        }
    }

    /// Codecs with a stream type of their own, or one that the DVB and ATSC specifications register.
    private static func transportStreamsTake(_ codec: AVCodecID) -> Bool {
        switch codec {
        case AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_DTS: true
        default: false
        }
    }

    private mutating func carryTimecode(_ carried: CarriedTimecode) {
        switch carried {
        case .absent: break
        case .address(let address): timecode = address
        case .lost(let loss): timecodeLoss = loss
        }
        let reason: StreamDecision.Reason =
            switch carried {
            case .address: .timecodeRewritten
            case .lost(.timecodeRate): .timecodeRateChanged
            case .lost(.timecodeAddress): .timecodeUnreadable
            case .lost, .absent: .timecodeRefused
            }
        for track in decisions.indices where decisions[track].reason == .timecodeRefused {
            let old = decisions[track]
            decisions[track] = StreamDecision(
                sourceStream: old.sourceStream, kind: .data, codecName: old.codecName, action: timecode == nil ? .dropped : .replaced,
                reason: reason)
        }
    }
}
