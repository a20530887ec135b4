package import Primitives

/// Width and height of a picture, in luma samples.
package struct PictureSize: Hashable, Sendable, Codable, CustomStringConvertible {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    package var sampleCount: Int { width * height }

    /// `1920×1080`.
    package var description: String { "\(width)×\(height)" }

    /// DAR = SAR × width / height.
    ///
    /// - Precondition: `height` is not 0.
    package func displayAspectRatio(sampleAspectRatio: Rational) -> Rational {
        sampleAspectRatio * Rational(Int64(width), Int64(height))
    }
}
