/// Integer representation of normalised samples, by the formulas of H.273 clause 8.3 and BT.2100 Table 9.
package struct Quantization: Hashable, Sendable, Codable {
    package let range: ColorRange
    /// Bits of one sample, in 8…16.
    package let bitDepth: Int

    /// - Precondition: the range is specified and `bitDepth` in 8…16.
    package init(range: ColorRange, bitDepth: Int) {
        precondition(range != .unspecified, "an unspecified range has no code values")
        precondition((8...16).contains(bitDepth), "bit depth \(bitDepth)")
        self.range = range
        self.bitDepth = bitDepth
    }

    /// Code values from luma (or R′, G′, B′) 0 to 1.
    package var lumaScale: Double { range == .limited ? 219 * step : Double(maximum) }
    /// Code value of luma (or R′, G′, B′) 0.
    package var lumaOffset: Double { range == .limited ? 16 * step : 0 }
    /// Code values from chroma −0.5 to 0.5.
    package var chromaScale: Double { range == .limited ? 224 * step : Double(maximum) }
    /// Code value of chroma 0.
    package var chromaOffset: Double { 128 * step }

    /// The largest code value of the depth.
    package var maximum: Int { (1 << bitDepth) - 1 }

    /// Code values that may carry picture. Limited range keeps the foot- and headroom of BT.2100 Table 9 (8 bit: 1…254,
    /// 10 bit: 4…1019) and leaves the values reserved for timing references free.
    package var videoData: ClosedRange<Int> {
        range == .limited ? (1 << (bitDepth - 8))...((255 << (bitDepth - 8)) - 1) : 0...maximum
    }

    /// Nearest code of a luma, R′, G′ or B′ value, halves up, clipped to `videoData`.
    package func encodeLuma(_ value: Double) -> Int { clip(value * lumaScale + lumaOffset) }
    /// Nearest code of a chroma value, halves up, clipped to `videoData`.
    package func encodeChroma(_ value: Double) -> Int { clip(value * chromaScale + chromaOffset) }
    /// Luma, R′, G′ or B′ value of a code.
    package func decodeLuma(_ code: Int) -> Double { (Double(code) - lumaOffset) / lumaScale }
    /// Chroma value of a code.
    package func decodeChroma(_ code: Int) -> Double { (Double(code) - chromaOffset) / chromaScale }

    private var step: Double { Double(1 << (bitDepth - 8)) }

    private func clip(_ code: Double) -> Int {
        let legal = videoData
        return Int(min(max((code + 0.5).rounded(.down), Double(legal.lowerBound)), Double(legal.upperBound)))
    }
}
