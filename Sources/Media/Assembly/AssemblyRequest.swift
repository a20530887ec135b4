package import Primitives

/// What a rendition is to be made of.
package struct AssemblyRequest: Sendable {
    /// Paths of the packet logs, in presentation order; at least one.
    package var segments: [String]
    /// The file that was processed, for everything but the picture; nil for a rendition of pictures alone.
    package var source: String?
    /// Of the source.
    package var index: FrameIndex
    /// Which frames of the source the rendition shows.
    package var range: FrameRange
    package var container: RenditionContainer
    /// A temporary path; whoever asked renames the file when it is whole.
    package var destination: String
    /// Frames of the plan: the segments must hold exactly as many.
    package var expectedFrames: Int
    /// Sound that browsers do not play is coded as AAC.
    package var isForBrowsers = false

    package init(
        segments: [String], source: String?, index: FrameIndex, range: FrameRange, container: RenditionContainer, destination: String,
        expectedFrames: Int
    ) {
        self.segments = segments
        self.source = source
        self.index = index
        self.range = range
        self.container = container
        self.destination = destination
        self.expectedFrames = expectedFrames
    }
}

/// What was made, and what became of every stream of the source.
package struct AssemblyReport: Codable, Hashable, Sendable {
    package let frameCount: Int
    /// Size of the file.
    package let byteCount: Int64
    /// Length of the picture.
    package let duration: MediaTime
    /// One for each stream of the source, in its order.
    package let decisions: [StreamDecision]
    /// Address of the first frame; nil when the file has no timecode track.
    package let timecode: String?
    package let chapterCount: Int
    /// What the source has, beside streams, and the rendition has not; nil for nothing.
    package var omissions: [Omission]?

    package enum Omission: String, Codable, Hashable, Sendable, CaseIterable {
        case chapters
        case timecode
        /// The rendition's frame rate is no whole multiple of the one that the timecode counts at.
        case timecodeRate
        /// The timecode has no address that is valid at the rate it counts at.
        case timecodeAddress
        /// Mastering display and light levels: neither the codec nor the container carries them.
        case staticHDRMetadata
        /// Light levels alone: the mastering display is carried.
        case lightLevels
    }
}

/// What became of one stream of the source.
package struct StreamDecision: Codable, Hashable, Sendable {
    package let sourceStream: Int
    package let kind: Kind
    package let codecName: String
    package let action: Action
    package let reason: Reason
    /// What a converted stream became.
    package var newCodecName: String?
    /// The layout that sound is marked with whose channels have no names in the source; nil where they have, or stay without.
    package var assumedLayout: String?
    /// Where the source has no sound between packets of it; nil for nowhere.
    package var gaps: SoundStretches?
    /// Where packets of sound overlap; nil for nowhere.
    package var overlaps: SoundStretches?
    /// Time stamps of sound that were passed over, one a place; nil for none.
    package var passedStamps: SoundStretches?
    /// Sound that begins too far from the picture, and is left out; nil for none.
    package var farSound: SoundStretches?
    /// Sound whose form changes on its way; nil for sound that stays as it is.
    package var soundChange: SoundChange?
    /// Where the last sound of the track ends in the rendition, in seconds from its first picture; nil for no sound.
    package var soundEnd: Double?
    /// True where no sound of the stream lies in the rendition's range; else nil, as in reports of earlier builds.
    package var isSilent: Bool?

    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case video, audio, subtitle, data, attachment }
    package enum Action: String, Codable, Hashable, Sendable, CaseIterable { case kept, converted, replaced, dropped }

    /// Why.
    package enum Reason: String, Codable, Hashable, Sendable, CaseIterable {
        /// This is the stream that was processed.
        case processed
        /// The container takes the stream as it is.
        case compatible
        /// The container does not take the codec: the decoded samples are stored without loss, floating point as 24 bits.
        case codecRefusedConverted
        /// The container does not take the sampling rate: the sound is stored at 48 kHz.
        case rateRefusedConverted
        /// The container does not take the codec, and there is no way to convert it.
        case codecRefused
        /// Subtitles that are pictures.
        case picturesAsSubtitles
        /// A text track was rewritten in the container's own form of text.
        case textRewritten
        /// The text track of the chapters was written anew, or the container has no chapters.
        case chaptersRewritten, chaptersRefused
        /// The timecode track was written anew, with the address of the first frame of the range.
        case timecodeRewritten
        /// The container has no timecode tracks.
        case timecodeRefused
        /// The address cannot be carried to another frame rate.
        case timecodeRateChanged
        /// The address is none at the rate that the track counts at, or there is none.
        case timecodeUnreadable
        /// Further video streams and covers are not processed, and would show unprocessed pictures.
        case otherVideo
        /// Data whose meaning is unknown.
        case unknownData
        /// Files inside the file.
        case attachmentRefused
        /// Nobody can decode it to find out where its packets begin.
        case unknownCodec
        /// No packet of the sound tells its sampling rate and channels: most often there is no packet.
        case noParameters
    }
}
