import ColorScience
import Picture
import Primitives
import Testing

@Suite struct InferredColorTests {
    @Test("Complete tags stay as they are and nothing is recorded")
    func complete() {
        let tags = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited, siting: .topLeft)
        let color = InferredColor(tags: tags, format: .yuv420p10, size: PictureSize(width: 720, height: 480), frameRate: Rational(30, 1))
        #expect(color.tags == tags)
        #expect(color.inferences.isEmpty)
    }

    @Test(
        "Size and rate decide for an untagged picture",
        arguments: [
            (720, 480, Rational(30000, 1001), MatrixCoefficients.smpte170M, InferredColor.Reason.standardDefinition525),
            (720, 576, Rational(60, 1), .smpte170M, .standardDefinition525),
            (720, 576, Rational(25, 1), .bt470BG, .standardDefinition625),
            (720, 480, Rational(24000, 1001), .bt470BG, .standardDefinition625),
            (1280, 720, Rational(25, 1), .bt709, .highDefinition),
            (1920, 1080, Rational(25, 1), .bt709, .highDefinition),
            (1920, 1088, Rational(25, 1), .bt2020NCL, .ultraHighDefinition),
            (3840, 2160, Rational(25, 1), .bt2020NCL, .ultraHighDefinition),
        ])
    func untagged(width: Int, height: Int, rate: Rational, matrix: MatrixCoefficients, reason: InferredColor.Reason) {
        let size = PictureSize(width: width, height: height)
        let color = InferredColor(tags: .unspecified, format: .yuv420p, size: size, frameRate: rate)
        #expect(color.tags.isComplete)
        #expect(color.tags.matrix == matrix)
        #expect(color.tags.range == .limited)
        #expect(color.inferences.map(\.field) == InferredColor.Field.allCases)
        #expect(color.inferences.first?.reason == reason)
    }

    @Test("A tagged matrix speaks for the rest, whatever the size")
    func matrixSpeaks() {
        let size = PictureSize(width: 3840, height: 2160)
        let color = InferredColor(tags: ColorTags(matrix: .bt709), format: .yuv420p, size: size, frameRate: nil)
        #expect(color.tags.primaries == .bt709)
        #expect(color.tags.transfer == .bt709)
        #expect(color.inferences.first?.reason == .matrixIsTagged)
    }

    @Test("PQ means BT.2020, whatever the size")
    func transferSpeaks() {
        let size = PictureSize(width: 1280, height: 720)
        let color = InferredColor(tags: ColorTags(transfer: .pq), format: .yuv420p10, size: size, frameRate: nil)
        #expect(color.tags.primaries == .bt2020)
        #expect(color.tags.matrix == .bt2020NCL)
    }

    @Test("RGB gets the identity matrix and full range")
    func rgb() {
        let size = PictureSize(width: 1280, height: 720)
        let color = InferredColor(tags: .unspecified, format: .gbrp, size: size, frameRate: nil)
        #expect(color.tags.matrix == .identity)
        #expect(color.tags.range == .full)
        #expect(color.tags.primaries == .bt709)
    }
}
