package import Picture
package import Primitives

/// What a finished file says about itself, read back from its boxes and its bitstream separately.
package struct DeliveryFacts: Codable, Hashable, Sendable {
    package let byteCount: Int64
    /// Types of the file's top-level boxes, in order; none in containers that are not made of boxes.
    package let boxes: [String]
    package let picture: PictureFacts
    package let sound: [SoundFacts]
    package let subtitleCount: Int
    package let chapterCount: Int
    package let timecode: String?
    /// What does not agree with itself; empty for a good file.
    package let problems: [Problem]

    /// A contradiction.
    package enum Problem: String, Codable, Hashable, Sendable, CaseIterable {
        /// The index stands behind the pictures.
        case indexAtEnd
        /// The sample table counts other frames than can be read.
        case frameCountDisagrees
        case decodeTimesNotAscending
        case presentationTimesRepeat
        /// A frame is decoded after it is to be shown.
        case decodedTooLate
        /// The first frame is no keyframe.
        case startsInsideGroup
        case colorBoxMissing
        /// Container and bitstream name other colors.
        case colorDisagrees
        /// Boxes and SEI messages carry other HDR metadata, or only one of them does.
        case hdrDisagrees
        /// Some keyframe has no HDR metadata, or other than the first.
        case hdrNotAtEveryKeyframe
        /// Values that cannot be true.
        case hdrImplausible
        /// `hvc1` promises parameter sets in the header alone.
        case parameterSetsInPackets
        /// A keyframe of a container without a header lacks them.
        case parameterSetsMissing
        /// The file says another size, shape of samples, color or order of fields than was asked for.
        case sizeDiffers
        case aspectDiffers
        case colorDiffers
        case fieldOrderDiffers
        /// Some picture is larger than what its buffer can hold of it by then, at the rate of the format.
        case bufferUnderflows
        /// Some track of sound ends elsewhere than the last sound of its source.
        case soundEndDiffers
    }
}

/// The track of pictures.
package struct PictureFacts: Codable, Hashable, Sendable {
    package let codecName: String
    /// Four-character code of the sample entry: `hvc1`.
    package let sampleEntry: String?
    package let size: PictureSize
    package let sampleAspectRatio: Rational
    /// Of the first picture; nil in reports of earlier releases.
    package var fieldOrder: FieldOrder?
    /// Frames that were read.
    package let frameCount: Int
    /// Frames by the sample table; nil without one.
    package let tableFrameCount: Int?
    package let keyframeCount: Int
    package let timebase: Rational
    /// Time of the first frame, in `timebase` ticks.
    package let startTime: Int64
    /// From the first frame to the end of the last, in `timebase` ticks.
    package let duration: Int64
    package let averageFrameRate: Rational?
    /// Largest number of frames by which decoding runs ahead of showing.
    package let reorderDelay: Int
    package let largestKeyframeDistance: Int
    /// `nclc` (QuickTime) or `nclx` (ISO); nil without a `colr` box.
    package let colorBox: String?
    /// Of the `colr` box; of a file without boxes what its first picture and its header say together.
    package let containerColor: ColorTags
    /// Of the sequence parameter set; nil for codecs whose bitstream is not read here.
    package let bitstreamColor: ColorTags?
    /// H.265 general_profile_idc; nil for other codecs.
    package let profile: Int?
    /// Bits a luma sample, of the bitstream; nil for other codecs.
    package let bitDepth: Int?
    package let containerHDR: StaticHDRMetadata
    /// Of the first keyframe's SEI; nil for codecs whose bitstream is not read here.
    package let bitstreamHDR: StaticHDRMetadata?
    /// Keyframes whose SEI carry the same HDR metadata as the first one's.
    package let keyframesWithHDR: Int
}

/// One track of sound.
package struct SoundFacts: Codable, Hashable, Sendable {
    package let codecName: String
    package let channels: Int
    /// In Hz.
    package let sampleRate: Int
    package let language: String?
    /// Seconds from the start of the picture to the start of the sound; negative when sound begins first.
    package let offset: Double
    /// In seconds.
    package let duration: Double
}
