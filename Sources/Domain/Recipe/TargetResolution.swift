package import Picture
package import Primitives

/// The stored size of a scaled picture and the aspect of its samples, so that its shown shape is right.
package struct TargetResolution: Hashable, Sendable, Codable {
    package var size: PictureSize
    package var sampleAspectRatio: Rational

    package init(size: PictureSize, sampleAspectRatio: Rational) {
        self.size = size
        self.sampleAspectRatio = sampleAspectRatio
    }

    /// The sizes a target may have.
    package static let widths = 16...7680
    package static let heights = 16...4320

    /// Works a wished resolution out for a source.
    ///
    /// - A preset tag is a box: the picture of the asked aspect is fitted inside, with even sides.
    /// - `1X`…`4X` multiply the stored size and keep the sample aspect; with an aspect tag the height is multiplied and
    ///   the width follows the aspect.
    /// - Width or height alone: the other follows the aspect tag, which must be given then.
    /// - Width and height: exactly these; the sample aspect keeps the shown shape of the source.
    ///
    /// The aspect is `DISPLAY` when no tag is given: square samples in the shape the source is shown in.
    package static func resolve(
        _ wish: ProcessingOptions.Resolution, for source: SourceFormat, field: String, problems: ProblemCollector
    ) -> TargetResolution? {
        let shape = Shape(wish.aspectRatioTag ?? .display, of: source)
        let target: TargetResolution
        if let tag = wish.tag {
            if let box = tag.box {
                target = shape.fitted(inside: box)
            } else {
                target = shape.multiplied(by: tag.multiple, of: source, aspectIsAsked: wish.aspectRatioTag != nil)
            }
        } else {
            switch (wish.width, wish.height) {
            case (let width?, let height?):
                let size = PictureSize(width: width, height: height)
                let pixels = source.displayAspectRatio * Rational(Int64(height), Int64(width))
                target = TargetResolution(size: size, sampleAspectRatio: pixels)
            case (let width?, nil) where wish.aspectRatioTag != nil:
                target = shape.resolution(width: width, height: evenSide(Double(width) / shape.aspect.double))
            case (nil, let height?) where wish.aspectRatioTag != nil:
                target = shape.resolution(width: evenSide(Double(height) * shape.aspect.double), height: height)
            default:
                problems.add(
                    Problem(
                        .missingResolution, field: field, actual: nil,
                        "needs a tag, or width and height, or one of the two with an aspectRatioTag"))
                return nil
            }
        }
        guard widths.contains(target.size.width), heights.contains(target.size.height) else {
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: field, actual: target.size.description,
                    "comes to \(target.size); allowed are widths \(widths.lowerBound) to \(widths.upperBound) "
                        + "and heights \(heights.lowerBound) to \(heights.upperBound)"))
            return nil
        }
        return target
    }

    /// The even whole number nearest to `length`, at least 2.
    static func evenSide(_ length: Double) -> Int { max(2, Int((length / 2).rounded()) * 2) }
}

/// The proportions asked for: of the stored samples, and of one sample.
private struct Shape {
    /// Width over height of the stored picture to be made.
    let aspect: Rational
    /// Width over height of one of its samples.
    let sampleAspectRatio: Rational

    init(_ tag: ProcessingOptions.AspectRatioTag, of source: SourceFormat) {
        switch tag {
        case .display: (aspect, sampleAspectRatio) = (source.displayAspectRatio, Rational(1, 1))
        case .storage: (aspect, sampleAspectRatio) = (source.storageAspectRatio, Rational(1, 1))
        case .pixelAspectPreserved: (aspect, sampleAspectRatio) = (source.storageAspectRatio, source.sampleAspectRatio)
        case .wide: (aspect, sampleAspectRatio) = (Rational(16, 9), Rational(1, 1))
        case .classic: (aspect, sampleAspectRatio) = (Rational(4, 3), Rational(1, 1))
        }
    }

    func resolution(width: Int, height: Int) -> TargetResolution {
        TargetResolution(size: PictureSize(width: width, height: height), sampleAspectRatio: sampleAspectRatio)
    }

    func fitted(inside box: PictureSize) -> TargetResolution {
        if aspect >= Rational(Int64(box.width), Int64(box.height)) {
            let height = TargetResolution.evenSide(Double(box.width) / aspect.double)
            return resolution(width: box.width, height: min(height, box.height))
        }
        let width = TargetResolution.evenSide(Double(box.height) * aspect.double)
        return resolution(width: min(width, box.width), height: box.height)
    }

    func multiplied(by factor: Int, of source: SourceFormat, aspectIsAsked: Bool) -> TargetResolution {
        guard aspectIsAsked else {
            return TargetResolution(
                size: PictureSize(width: source.size.width * factor, height: source.size.height * factor),
                sampleAspectRatio: source.sampleAspectRatio)
        }
        let height = source.size.height * factor
        return resolution(width: TargetResolution.evenSide(Double(height) * aspect.double), height: height)
    }
}

extension ProcessingOptions.ResolutionTag {
    /// The box of a preset; nil for the multiples.
    package var box: PictureSize? {
        switch self {
        case .standardHD: ProcessingOptions.FixedResolution.standardHD.size
        case .fullHD: ProcessingOptions.FixedResolution.fullHD.size
        case .uhd4K: ProcessingOptions.FixedResolution.uhd4K.size
        case .uhd8K: ProcessingOptions.FixedResolution.uhd8K.size
        case .x1, .x2, .x3, .x4: nil
        }
    }

    /// By what a multiple multiplies; 1 for the presets.
    package var multiple: Int {
        switch self {
        case .standardHD, .fullHD, .uhd4K, .uhd8K, .x1: 1
        case .x2: 2
        case .x3: 3
        case .x4: 4
        }
    }
}
