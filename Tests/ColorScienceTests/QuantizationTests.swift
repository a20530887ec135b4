import ColorScience
import Testing

@Suite struct QuantizationTests {
    @Test("limited range has the code values that BT.2100 Table 9 prints", arguments: zip([8, 10, 12], [1, 4, 16]))
    func limited(bitDepth: Int, step: Int) {
        let codes = Quantization(range: .limited, bitDepth: bitDepth)
        #expect(codes.encodeLuma(0) == 16 * step)
        #expect(codes.encodeLuma(1) == 235 * step)
        #expect(codes.encodeChroma(-0.5) == 16 * step)
        #expect(codes.encodeChroma(0) == 128 * step)
        #expect(codes.encodeChroma(0.5) == 240 * step)
        #expect(codes.encodeLuma(-9) == step)
        #expect(codes.encodeLuma(9) == 255 * step - 1)
    }

    @Test("full range spends every code", arguments: 8...16)
    func full(bitDepth: Int) {
        let codes = Quantization(range: .full, bitDepth: bitDepth)
        #expect(codes.encodeLuma(0) == 0)
        #expect(codes.encodeLuma(1) == (1 << bitDepth) - 1)
        #expect(codes.encodeChroma(0) == 1 << (bitDepth - 1))
        #expect(codes.encodeChroma(-0.5) >= 0)
        #expect(codes.encodeChroma(0.5) == (1 << bitDepth) - 1)
    }

    @Test("every legal code survives decoding and encoding", arguments: [ColorRange.limited, .full], [8, 10, 12, 16])
    func roundTrip(range: ColorRange, bitDepth: Int) {
        let codes = Quantization(range: range, bitDepth: bitDepth)
        for code in stride(from: codes.videoData.lowerBound, through: codes.videoData.upperBound, by: bitDepth == 16 ? 97 : 1) {
            #expect(codes.encodeLuma(codes.decodeLuma(code)) == code)
            #expect(codes.encodeChroma(codes.decodeChroma(code)) == code)
        }
    }

    @Test("siting names its position on the luma grid")
    func siting() {
        #expect(ChromaSiting.left.horizontalOffset == 0 && ChromaSiting.left.verticalOffset == 0.5)
        #expect(ChromaSiting.center.horizontalOffset == 0.5 && ChromaSiting.center.verticalOffset == 0.5)
        #expect(ChromaSiting.topLeft.horizontalOffset == 0 && ChromaSiting.topLeft.verticalOffset == 0)
        #expect(ChromaSiting.bottom.horizontalOffset == 0.5 && ChromaSiting.bottom.verticalOffset == 1)
        #expect(ChromaSiting.unspecified.horizontalOffset == nil && ChromaSiting.unspecified.verticalOffset == nil)
    }
}
