import Domain
import Picture
import Testing

/// Which part of a source a crop keeps.
@Suite struct CropTests {
    private typealias Rectangle = ProcessingOptions.CropRectangle

    private func recipe(
        _ source: SourceFormat, x1: Double = 0, y1: Double = 0, x2: Double = 1, y2: Double = 1
    ) throws -> ProcessingRecipe {
        let corners = #"{"x1":\#(x1),"y1":\#(y1),"x2":\#(x2),"y2":\#(y2)}"#
        return try ProcessingOptions(
            text: #"{"filters":{"reshaper":"CROP"},"filterSettings":{"normalizedCropCoordinates":\#(corners)}}"#
        ).validated(for: source)
    }

    private func source(_ width: Int, _ height: Int, _ subsampling: ChromaSubsampling) -> SourceFormat {
        .make(width, height, format: Picture.PixelFormat(model: .ycbcr, subsampling: subsampling, bitDepth: 8))
    }

    @Test(
        "corners lie between chroma samples, the nearest to what was asked",
        arguments: [
            (ChromaSubsampling.yuv444, 62, 48, 362, 434), (.yuv422, 62, 48, 362, 434), (.yuv420, 62, 48, 362, 434),
            (.yuv411, 60, 48, 364, 434), (.yuv410, 60, 48, 364, 432),
        ])
    func corners(subsampling: ChromaSubsampling, left: Int, top: Int, right: Int, bottom: Int) throws {
        // 61.2, 48, 362.16 and 433.2 of 720 × 480.
        let recipe = try recipe(source(720, 480, subsampling), x1: 0.085, y1: 0.1, x2: 0.503, y2: 0.9025)
        let kept = try #require(recipe.crop?.rectangle(in: recipe.source.size))
        #expect([kept.x, kept.y, kept.width, kept.height] == [left, top, right - left, bottom - top])
        #expect(recipe.unscaled.size == PictureSize(width: kept.width, height: kept.height))
    }

    @Test("the edges of the picture are corners, whatever its width", arguments: [718, 720, 722])
    func edges(width: Int) throws {
        let source = source(width, 480, .yuv411)
        let whole = try recipe(source)
        let all = try #require(whole.crop?.rectangle(in: source.size))
        #expect([all.x, all.y, all.width, all.height] == [0, 0, width, 480])
        let right = try recipe(source, x1: 0.5)
        let kept = try #require(right.crop?.rectangle(in: source.size))
        #expect(kept.x == 360 && kept.width == width - 360)
    }

    @Test("a part of nearly nothing keeps a chroma sample")
    func least() throws {
        let source = source(720, 480, .yuv410)
        let recipe = try recipe(source, x1: 0.9985, y1: 0.9985, x2: 0.999, y2: 0.999)
        let kept = try #require(recipe.crop?.rectangle(in: source.size))
        #expect([kept.x, kept.y, kept.width, kept.height] == [716, 476, 4, 4])
    }
}
