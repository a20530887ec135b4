import CLibAV
import ColorScience
package import Picture
package import Primitives

/// What a picture says of itself beside its samples: what a job settles once, and every later picture must agree with.
package struct PictureLook: Codable, Hashable, Sendable {
    package var size: PictureSize
    /// The decoder's name; formats that only add full range to their name have the name without it.
    package var pixelFormatName: String
    /// Nil where the bitstream is silent.
    package var sampleAspectRatio: Rational?
    /// Tags that are unspecified are compared with nothing.
    package var color: ColorTags
    /// Order of the fields of pictures that are two fields; compared where it is one of the two.
    package var fieldOrder: FieldOrder
    /// Of the bitstream; nil where it has none. A later change is noted, and no contradiction.
    package var hdr: StaticHDRMetadata?

    /// The first thing in which a picture contradicts this look; nil when it agrees. Silence contradicts nothing.
    package func contradiction(of picture: PictureLook) -> PictureChange? {
        if size != picture.size { return PictureChange(.size, "\(size)", "\(picture.size)") }
        if let expected = sampleAspectRatio, let found = picture.sampleAspectRatio, expected != found {
            return PictureChange(.sampleAspectRatio, "\(expected)", "\(found)")
        }
        if let change = contradiction(ofColor: picture.color) { return change }
        if pixelFormatName != picture.pixelFormatName {
            return PictureChange(.pixelFormat, pixelFormatName, picture.pixelFormatName)
        }
        if fieldOrder.isInterlaced, picture.fieldOrder.isInterlaced, fieldOrder != picture.fieldOrder {
            return PictureChange(.fieldOrder, fieldOrder.rawValue, picture.fieldOrder.rawValue)
        }
        return nil
    }

    private func contradiction(ofColor found: ColorTags) -> PictureChange? {
        if color.primaries != .unspecified, found.primaries != .unspecified, color.primaries != found.primaries {
            return PictureChange(.primaries, "\(color.primaries)", "\(found.primaries)")
        }
        if color.transfer != .unspecified, found.transfer != .unspecified, color.transfer != found.transfer {
            return PictureChange(.transfer, "\(color.transfer)", "\(found.transfer)")
        }
        if color.matrix != .unspecified, found.matrix != .unspecified, color.matrix != found.matrix {
            return PictureChange(.matrix, "\(color.matrix)", "\(found.matrix)")
        }
        if color.range != .unspecified, found.range != .unspecified, color.range != found.range {
            return PictureChange(.range, "\(color.range)", "\(found.range)")
        }
        return nil
    }
}

/// What is other in one picture than in those before it.
package struct PictureChange: Hashable, Sendable {
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case size, pixelFormat, sampleAspectRatio, primaries, transfer, matrix, range, fieldOrder

        /// Whether a job can state it for the whole source.
        package var isColor: Bool {
            switch self {
            case .primaries, .transfer, .matrix, .range: true
            case .size, .pixelFormat, .sampleAspectRatio, .fieldOrder: false
            }
        }
    }

    package let field: Field
    package let expected: String
    package let found: String

    package init(_ field: Field, _ expected: String, _ found: String) {
        (self.field, self.expected, self.found) = (field, expected, found)
    }
}

/// A part of a file in which the pictures agree in one thing, by the positions with which a job takes just that part.
package struct PicturePart: Hashable, Sendable {
    package let startMilliseconds: Int
    package let endMilliseconds: Int
    /// What the pictures have there.
    package let value: String

    package init(startMilliseconds: Int, endMilliseconds: Int, value: String) {
        (self.startMilliseconds, self.endMilliseconds, self.value) = (startMilliseconds, endMilliseconds, value)
    }
}

extension PictureLook {
    /// The value of one thing, in the words of a change.
    package func value(of field: PictureChange.Field) -> String {
        switch field {
        case .size: "\(size)"
        case .pixelFormat: pixelFormatName
        case .sampleAspectRatio: sampleAspectRatio.map { "\($0)" } ?? "unknown"
        case .primaries: "\(color.primaries)"
        case .transfer: "\(color.transfer)"
        case .matrix: "\(color.matrix)"
        case .range: "\(color.range)"
        case .fieldOrder: fieldOrder.rawValue
        }
    }

    init(_ frame: borrowing DecodedFrame) {
        let raw = frame.raw.pointee
        size = PictureSize(width: Int(raw.width), height: Int(raw.height))
        pixelFormatName = libraryName(frame.format).replacing("yuvj", with: "yuv")
        sampleAspectRatio = Rational(raw.sample_aspect_ratio)
        color = ColorTags(raw)
        fieldOrder = raw.interlaced_frame == 0 ? .progressive : raw.top_field_first != 0 ? .topFirst : .bottomFirst
        let metadata = StaticHDRMetadata(frame: frame.raw)
        hdr = metadata == .none ? nil : metadata
    }
}
