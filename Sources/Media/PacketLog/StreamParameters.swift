package import Picture
package import Primitives

/// All that a muxer must know of a coded video stream besides its packets.
package struct StreamParameters: Codable, Hashable, Sendable {
    /// The library's name of the codec: `hevc`, `h264`, `prores` …
    package let codecName: String
    package let layout: FrameLayout
    /// Unit of the time stamps of the packets.
    package let timebase: Rational
    /// Nominal frames a second; for variable streams the average.
    package let frameRate: Rational
    package let sampleAspectRatio: Rational
    package let colorTags: ColorTags
    package let hdr: StaticHDRMetadata
    package let fieldOrder: FieldOrder
    /// The library's numbers of profile and level; negative when unknown.
    package let profile: Int
    package let level: Int
    /// Four-character code the encoder asks for, as the library packs it; 0 for none.
    package let codecTag: UInt32
    /// Bits a second the encoder was told to keep; nil for constant quality.
    package let bitrate: Int?
    /// Parameter sets and other headers that stand once before the packets.
    package let extradata: [UInt8]

    /// What two segments of one stream may not differ in.
    package enum Difference: String, Hashable, Sendable, CaseIterable {
        case codec, layout, timebase, frameRate, sampleAspectRatio, colorTags, hdr, fieldOrder, profile, extradata
    }

    /// The first member in which two streams differ so that their packets cannot stand in one track; nil when none does.
    package func difference(from other: StreamParameters) -> Difference? {
        if codecName != other.codecName || codecTag != other.codecTag { return .codec }
        if layout != other.layout { return .layout }
        if timebase != other.timebase { return .timebase }
        if frameRate != other.frameRate { return .frameRate }
        if sampleAspectRatio != other.sampleAspectRatio { return .sampleAspectRatio }
        if colorTags != other.colorTags { return .colorTags }
        if hdr != other.hdr { return .hdr }
        if fieldOrder != other.fieldOrder { return .fieldOrder }
        if profile != other.profile || level != other.level { return .profile }
        if extradata != other.extradata { return .extradata }
        return nil
    }
}
