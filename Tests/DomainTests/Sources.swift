import ColorScience
import Domain
import Picture
import Primitives

extension SourceFormat {
    /// A progressive 25 fps 4:2:0 8-bit source of ten seconds.
    static func make(
        _ width: Int, _ height: Int, sampleAspectRatio: Rational = Rational(1, 1), duration: Int = 10_000,
        fieldOrder: FieldOrder = .progressive, isTurned: Bool = false, format: Picture.PixelFormat = .yuv420p, tags: ColorTags = .bt709
    ) -> SourceFormat {
        SourceFormat(
            size: PictureSize(width: width, height: height), sampleAspectRatio: sampleAspectRatio, frameRate: Rational(25, 1),
            durationMilliseconds: duration, fieldOrder: fieldOrder, isTurned: isTurned, format: format, tags: tags)
    }
}

extension ProcessingOptions {
    /// The headline recipe.
    static var headline: ProcessingOptions { BuiltInConfiguration.all[0].options }

    init(text: String) throws {
        try self.init(json: JSON(parsing: text))
    }
}

/// The problems that reading or validating throws; empty when it succeeds.
func problems(of body: () throws -> Void) throws -> [Problem] {
    do {
        try body()
        return []
    } catch let failure as ValidationFailure {
        return failure.problems
    }
}
