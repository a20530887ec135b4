import Picture
import Primitives
import Testing

@Suite struct PixelFormatTests {
    @Test(
        "FFmpeg's name of a planar format survives a round trip",
        arguments: [
            "gray", "gray10le", "gray16le", "yuv420p", "yuv420p10le", "yuv422p", "yuv422p9le", "yuv444p16le", "yuv411p", "yuv410p",
            "yuv440p12le", "yuva444p10le", "yuva420p", "gbrp", "gbrp14le", "gbrap12le",
        ])
    func nameRoundTrip(name: String) throws {
        #expect(try #require(PixelFormat(name: name)).name == name)
    }

    @Test(
        "A layout that is not planar little-endian integers is refused",
        arguments: ["nv12", "p010le", "yuyv422", "rgb24", "gbrpf32le", "yuv420p10be", "gray10be", "yuv420", "grayf32le", "ya8", "pal8", ""])
    func otherLayouts(name: String) {
        #expect(PixelFormat(name: name) == nil)
    }

    @Test("The old full-range name means the same layout")
    func fullRangeName() { #expect(PixelFormat(name: "yuvj422p") == .yuv422p) }

    @Test("Odd sizes give chroma planes the extra column and row")
    func oddSizes() {
        let layout = FrameLayout(size: PictureSize(width: 161, height: 97), format: .yuv420p10)
        #expect(layout.planeSize(0) == PictureSize(width: 161, height: 97))
        #expect(layout.planeSize(1) == PictureSize(width: 81, height: 49))
        #expect(layout.rowBytes(2) == 162)
        #expect(layout.byteCount == 2 * (161 * 97 + 2 * 81 * 49))
    }

    @Test("Plane sizes follow the subsampling", arguments: ChromaSubsampling.allCases)
    func subsampledPlanes(subsampling: ChromaSubsampling) {
        let model: ColorModel = subsampling == .gray ? .gray : .ycbcr
        let format = PixelFormat(model: model, subsampling: subsampling, bitDepth: 8)
        let layout = FrameLayout(size: PictureSize(width: 64, height: 32), format: format)
        for plane in 1..<max(format.planeCount, 1) {
            #expect(layout.planeSize(plane).width == 64 >> subsampling.horizontalShift)
            #expect(layout.planeSize(plane).height == 32 >> subsampling.verticalShift)
        }
        #expect(format.planeCount == (subsampling == .gray ? 1 : 3))
    }

    @Test("Alpha has the size of luma")
    func alphaPlane() {
        let format = PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: 8, hasAlpha: true)
        #expect(FrameLayout(size: PictureSize(width: 10, height: 6), format: format).planeSize(3) == PictureSize(width: 10, height: 6))
    }

    @Test("A display aspect ratio is the sample aspect ratio times the storage ratio")
    func displayAspectRatio() {
        let size = PictureSize(width: 720, height: 576)
        #expect(size.displayAspectRatio(sampleAspectRatio: Rational(16, 15)) == Rational(4, 3))
    }
}
