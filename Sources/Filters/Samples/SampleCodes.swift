package import ColorScience
import Picture

/// Code values of one plane: how its integers are read and written.
package struct SampleCodes: Hashable, Sendable, Codable {
    package let quantization: Quantization
    package let isChroma: Bool

    /// - Throws: `unspecifiedColor(end)` when the range is not known.
    package init(_ format: PictureFormat, plane: Int, end: PictureEnd) throws(FilterError) {
        guard format.tags.range != .unspecified else { throw .unspecifiedColor(end) }
        quantization = Quantization(range: format.tags.range, bitDepth: format.pixels.bitDepth)
        isChroma = format.pixels.isChroma(plane)
    }

    /// Codes from 0 to 1 (luma, R′, G′, B′) or −0.5 to 0.5 (chroma).
    package var scale: Double { isChroma ? quantization.chromaScale : quantization.lumaScale }
    /// Code of 0.
    package var offset: Double { isChroma ? quantization.chromaOffset : quantization.lumaOffset }
    /// Legal codes.
    package var range: ClosedRange<Int> { quantization.videoData }
    /// Code of black (luma, R′, G′, B′) or of no color (chroma).
    package var background: Int { Int(offset) }

    package func decode(_ code: Int) -> Double { (Double(code) - offset) / scale }

    /// Whether a value is a code but for what 16 bits and arithmetic leave.
    func isCode(_ value: Double) -> Bool {
        let code = value * scale + offset
        return abs(code - code.rounded()) < TriangularDither.nearness
    }

    /// Nearest legal code of a value with noise added, in code values.
    package func encode(_ value: Double, noise: Double) -> Int {
        let code = (value * scale + offset + noise + 0.5).rounded(.down)
        return Int(min(max(code, Double(range.lowerBound)), Double(range.upperBound)))
    }
}
