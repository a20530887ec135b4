package import Picture
package import Primitives

/// Everything a video encoder must know before its first frame.
package struct EncoderRequest: Codable, Hashable, Sendable {
    /// Of every frame; its pixel format is the one that is coded.
    package var layout: FrameLayout
    /// Unit of the frames' presentation times.
    package var timebase: Rational
    /// Nominal frames a second, for rate control and the stream's headers; the average where it varies.
    package var frameRate: Rational
    package var sampleAspectRatio: Rational
    /// Complete.
    package var colorTags: ColorTags
    package var hdr: StaticHDRMetadata
    package var fieldOrder: FieldOrder
    package var settings: EncodingSettings
    /// Frames from one keyframe to the next; every group of pictures is closed. At least 1.
    package var keyframeInterval: Int
    /// Whether all frames last equally long; nil, as in plans of earlier releases, where that is not known.
    package var isConstantRate: Bool?

    package init(
        layout: FrameLayout, timebase: Rational, frameRate: Rational, sampleAspectRatio: Rational = Rational(1, 1), colorTags: ColorTags,
        hdr: StaticHDRMetadata = .none, fieldOrder: FieldOrder = .progressive, settings: EncodingSettings, keyframeInterval: Int,
        isConstantRate: Bool? = nil
    ) {
        self.layout = layout
        self.timebase = timebase
        self.frameRate = frameRate
        self.sampleAspectRatio = sampleAspectRatio
        self.colorTags = colorTags
        self.hdr = hdr
        self.fieldOrder = fieldOrder
        self.settings = settings
        self.keyframeInterval = keyframeInterval
        self.isConstantRate = isConstantRate
    }
}
