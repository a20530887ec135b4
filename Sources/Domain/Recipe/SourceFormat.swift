package import Picture
package import Primitives

/// What must be known of a source before its processing can be planned.
package struct SourceFormat: Hashable, Sendable, Codable {
    /// Stored size in luma samples.
    package var size: PictureSize
    /// Width over height of one sample; 1 when the file says nothing.
    package var sampleAspectRatio: Rational
    /// In frames per second; nil when variable or unknown.
    package var frameRate: Rational?
    /// From the first frame to the end of the last, in milliseconds.
    package var durationMilliseconds: Int
    package var fieldOrder: FieldOrder
    /// Whether the file asks to be shown turned: `size` is that of the turned picture, and its lines are not those of the fields.
    package var isTurned: Bool
    package var format: PixelFormat
    /// As the file has them; what it does not say stays unspecified.
    package var tags: ColorTags

    package init(
        size: PictureSize, sampleAspectRatio: Rational = Rational(1, 1), frameRate: Rational?, durationMilliseconds: Int,
        fieldOrder: FieldOrder = .progressive, isTurned: Bool = false, format: PixelFormat, tags: ColorTags = .unspecified
    ) {
        self.size = size
        self.sampleAspectRatio = sampleAspectRatio
        self.frameRate = frameRate
        self.durationMilliseconds = durationMilliseconds
        self.fieldOrder = fieldOrder
        self.isTurned = isTurned
        self.format = format
        self.tags = tags
    }

    /// Width over height of the stored samples.
    package var storageAspectRatio: Rational { Rational(Int64(size.width), Int64(size.height)) }

    /// Width over height of the shown picture.
    package var displayAspectRatio: Rational { size.displayAspectRatio(sampleAspectRatio: sampleAspectRatio) }
}
