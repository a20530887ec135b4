import Domain
import Picture
import Primitives
import Testing

@Suite struct TargetResolutionTests {
    typealias Wish = ProcessingOptions.Resolution

    private func resolve(_ wish: Wish, _ source: SourceFormat) throws -> TargetResolution? {
        let problems = ProblemCollector()
        let target = TargetResolution.resolve(wish, for: source, field: "r", problems: problems)
        if let problem = problems.problems.first { throw problem }
        return target
    }

    private static let pal = SourceFormat.make(720, 576, sampleAspectRatio: Rational(16, 15))
    private static let palWide = SourceFormat.make(720, 576, sampleAspectRatio: Rational(64, 45))

    @Test(
        "A preset is a box in which the asked shape is fitted with even sides",
        arguments: [
            (Wish(tag: .uhd4K), SourceFormat.make(1280, 720), 3840, 2160),
            (Wish(tag: .uhd4K), SourceFormat.make(1920, 800), 3840, 1600),
            (Wish(tag: .uhd4K), SourceFormat.make(720, 1280), 1216, 2160),
            (Wish(tag: .fullHD), pal, 1440, 1080),
            (Wish(tag: .fullHD), palWide, 1920, 1080),
            (Wish(tag: .fullHD, aspectRatioTag: .storage), pal, 1350, 1080),
            (Wish(tag: .fullHD, aspectRatioTag: .pixelAspectPreserved), pal, 1350, 1080),
            (Wish(tag: .fullHD, aspectRatioTag: .classic), palWide, 1440, 1080),
            (Wish(tag: .standardHD, aspectRatioTag: .wide), pal, 1280, 720),
            (Wish(tag: .uhd8K), SourceFormat.make(1920, 1080), 7680, 4320),
        ])
    func presets(wish: Wish, source: SourceFormat, width: Int, height: Int) throws {
        let target = try #require(try resolve(wish, source))
        #expect(target.size == PictureSize(width: width, height: height))
    }

    @Test("Square samples unless the pixel aspect is to be kept") func sampleAspect() throws {
        #expect(try resolve(Wish(tag: .fullHD), Self.pal)?.sampleAspectRatio == Rational(1, 1))
        #expect(
            try resolve(Wish(tag: .fullHD, aspectRatioTag: .pixelAspectPreserved), Self.pal)?.sampleAspectRatio == Rational(16, 15))
    }

    @Test(
        "Multiples keep the stored shape and the sample aspect",
        arguments: [(ProcessingOptions.ResolutionTag.x1, 1), (.x2, 2), (.x3, 3), (.x4, 4)])
    func multiples(tag: ProcessingOptions.ResolutionTag, factor: Int) throws {
        let target = try #require(try resolve(Wish(tag: tag), Self.pal))
        #expect(target.size == PictureSize(width: 720 * factor, height: 576 * factor))
        #expect(target.sampleAspectRatio == Rational(16, 15))
    }

    @Test("A multiple with an aspect tag multiplies the height; the width follows") func multipleWithAspect() throws {
        let target = try #require(try resolve(Wish(tag: .x2, aspectRatioTag: .display), Self.pal))
        #expect(target.size == PictureSize(width: 1536, height: 1152))
        #expect(target.sampleAspectRatio == Rational(1, 1))
    }

    @Test("Width and height are taken exactly and the shown shape stays") func exact() throws {
        let source = SourceFormat.make(1280, 720)
        let target = try #require(try resolve(Wish(width: 720, height: 576), source))
        #expect(target.size == PictureSize(width: 720, height: 576))
        #expect(target.size.displayAspectRatio(sampleAspectRatio: target.sampleAspectRatio) == Rational(16, 9))
        #expect(try resolve(Wish(width: 720, height: 576, aspectRatioTag: .classic), source) == target, "the tag is ignored")
    }

    @Test("One side alone takes the other from the aspect tag") func oneSide() throws {
        let source = SourceFormat.make(1280, 720)
        #expect(try resolve(Wish(width: 1000, aspectRatioTag: .display), source)?.size == PictureSize(width: 1000, height: 562))
        #expect(try resolve(Wish(height: 1000, aspectRatioTag: .classic), source)?.size == PictureSize(width: 1334, height: 1000))
    }

    @Test(
        "Without a size it is missing",
        arguments: [Wish(), Wish(width: 1000), Wish(height: 1000), Wish(aspectRatioTag: .display)])
    func missing(wish: Wish) {
        let problem = #expect(throws: Problem.self) { try resolve(wish, .make(1280, 720)) }
        #expect(problem?.kind == .missingResolution)
    }

    @Test("A result beyond 7680 × 4320 is out of range, and says what it came to") func outOfRange() {
        let problem = #expect(throws: Problem.self) { try resolve(Wish(tag: .x4), .make(2048, 1080)) }
        #expect(problem?.kind == .resolutionOutOfRange)
        #expect(problem?.actual == "8192×4320")
        #expect(problem?.message.contains("7680") == true)
    }
}
