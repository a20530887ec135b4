import ColorScience
package import Primitives

/// Color tags with nothing left open, and the record of what had to be inferred: the only place where color is guessed.
///
/// Tags that the file gives are never changed. For the rest:
/// 1. RGB has the identity matrix and full range; other pictures have limited range (the full-range formats of still
///    pictures arrive tagged).
/// 2. A PQ or HLG transfer means BT.2020, for it is defined for nothing else (BT.2100).
/// 3. A given matrix, or else given primaries, speak for the family of the other tags: a 3840×2160 picture that is
///    tagged with the BT.709 matrix is BT.709 throughout.
/// 4. Else size and rate decide: up to 720×576, near 30 or 60 pictures a second SMPTE 170M, at other rates BT.470 BG;
///    up to 1920×1080 BT.709; above BT.2020.
/// 5. Chroma is sited left, which H.264 and H.265 prescribe in the absence of a tag; where there is no subsampling the
///    value is without effect.
package struct InferredColor: Hashable, Sendable, Codable {
    /// Complete tags.
    package let tags: ColorTags
    /// What was inferred, in the order primaries, transfer, matrix, range, siting; empty when the file said it all.
    package let inferences: [Inference]

    /// One tag that the file did not give.
    package struct Inference: Hashable, Sendable, Codable {
        package let field: Field
        /// Name of the value that was put in.
        package let value: String
        package let reason: Reason
    }

    /// Name of a color tag.
    package enum Field: String, Sendable, Codable, CaseIterable { case primaries, transfer, matrix, range, siting }

    /// Which rule put a value in.
    package enum Reason: String, Sendable, Codable, CaseIterable {
        /// RGB is stored without a matrix, in full range.
        case componentsAreRGB
        /// PQ and HLG are defined with BT.2020 only.
        case transferIsHDR
        /// The matrix of the file names the family.
        case matrixIsTagged
        /// The primaries of the file name the family.
        case primariesAreTagged
        /// At most 720×576, near 30 or 60 pictures a second.
        case standardDefinition525
        /// At most 720×576, any other rate.
        case standardDefinition625
        /// At most 1920×1080.
        case highDefinition
        /// Larger than 1920×1080.
        case ultraHighDefinition
        /// What video is unless it says otherwise: limited range, chroma sited left.
        case customary
    }

    /// - Parameters:
    ///   - tags: as the file has them.
    ///   - size: visible size, in samples.
    ///   - frameRate: pictures a second; nil when it varies, which counts as "any other rate".
    package init(tags: ColorTags, format: PixelFormat, size: PictureSize, frameRate: Rational?) {
        let (family, familyReason) = ColorFamily.inferred(tags: tags, size: size, frameRate: frameRate)
        var complete = tags
        var inferences: [Inference] = []
        func record(_ field: Field, _ value: some CustomStringConvertible, _ reason: Reason) {
            inferences.append(Inference(field: field, value: value.description, reason: reason))
        }
        if tags.primaries == .unspecified {
            complete.primaries = family.primaries
            record(.primaries, "\(family.primaries)", familyReason)
        }
        if tags.transfer == .unspecified {
            complete.transfer = family.transfer
            record(.transfer, "\(family.transfer)", familyReason)
        }
        if tags.matrix == .unspecified {
            let isRGB = format.model == .rgb
            complete.matrix = isRGB ? .identity : family.matrix
            record(.matrix, "\(complete.matrix)", isRGB ? .componentsAreRGB : familyReason)
        }
        if tags.range == .unspecified {
            let isRGB = format.model == .rgb
            complete.range = isRGB ? .full : .limited
            record(.range, "\(complete.range)", isRGB ? .componentsAreRGB : .customary)
        }
        if tags.siting == .unspecified {
            complete.siting = .left
            record(.siting, "\(complete.siting)", .customary)
        }
        self.tags = complete
        self.inferences = inferences
    }
}

/// Systems whose tags go together.
enum ColorFamily {
    case standardDefinition525, standardDefinition625, highDefinition, ultraHighDefinition

    var primaries: ColorPrimaries {
        switch self {
        case .standardDefinition525: .smpte170M
        case .standardDefinition625: .bt470BG
        case .highDefinition: .bt709
        case .ultraHighDefinition: .bt2020
        }
    }

    /// Both systems of BT.601 share one camera transfer, H.273 code 6; code 5 would state a display gamma of 2.8.
    var transfer: TransferFunction {
        switch self {
        case .standardDefinition525, .standardDefinition625: .smpte170M
        case .highDefinition: .bt709
        case .ultraHighDefinition: .bt2020TenBit
        }
    }

    var matrix: MatrixCoefficients {
        switch self {
        case .standardDefinition525: .smpte170M
        case .standardDefinition625: .bt470BG
        case .highDefinition: .bt709
        case .ultraHighDefinition: .bt2020NCL
        }
    }

    static func inferred(tags: ColorTags, size: PictureSize, frameRate: Rational?) -> (ColorFamily, InferredColor.Reason) {
        if tags.transfer == .pq || tags.transfer == .hlg { return (.ultraHighDefinition, .transferIsHDR) }
        if let family = ColorFamily(tags.matrix) { return (family, .matrixIsTagged) }
        if let family = ColorFamily(tags.primaries) { return (family, .primariesAreTagged) }
        if size.width <= 720, size.height <= 576 {
            guard let rate = frameRate?.double, abs(rate - 30) < 0.5 || abs(rate - 60) < 0.5 else {
                return (.standardDefinition625, .standardDefinition625)
            }
            return (.standardDefinition525, .standardDefinition525)
        }
        if size.width <= 1920, size.height <= 1080 { return (.highDefinition, .highDefinition) }
        return (.ultraHighDefinition, .ultraHighDefinition)
    }

    private init?(_ matrix: MatrixCoefficients) {
        switch matrix {
        case .bt709: self = .highDefinition
        case .bt470BG: self = .standardDefinition625
        case .smpte170M: self = .standardDefinition525
        case .bt2020NCL, .bt2020CL, .ictcp: self = .ultraHighDefinition
        case .identity, .unspecified, .fcc, .smpte240M, .ycgco, .smpte2085, .chromaDerivedNCL, .chromaDerivedCL: return nil
        }
    }

    private init?(_ primaries: ColorPrimaries) {
        switch primaries {
        case .bt709: self = .highDefinition
        case .bt470BG: self = .standardDefinition625
        case .smpte170M: self = .standardDefinition525
        case .bt2020: self = .ultraHighDefinition
        case .unspecified, .bt470M, .smpte240M, .film, .smpte428, .smpte431, .smpte432, .ebu3213: return nil
        }
    }
}
