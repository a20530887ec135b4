import ColorScience
import Filters
import Picture
import Testing

@Suite struct ThumbnailTests {
    @Test(
        "a flat frame gives a flat thumbnail of its color",
        arguments: [PixelFormat.yuv420p, .yuv422p10, .yuv444p12], [(320, 180), (101, 63), (33, 17)])
    func flat(pixels: PixelFormat, size: (Int, Int)) throws {
        let format = Samples.format(size.0, size.1, pixels)
        let step = 1 << (pixels.bitDepth - 8)
        let program = try PictureProgram(
            PictureRequest(input: format, scaled: format.size, output: format), models: Samples.models)
        let frame = Samples.flat(format, [126 * step, 128 * step, 128 * step])
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        let wanted = Float(110.0 / 219)
        #expect(thumbnail.samples.allSatisfy { abs($0 - wanted) < 1e-6 })
    }

    @Test("the mean of a frame is the mean of its thumbnail")
    func mean() throws {
        let format = Samples.format(157, 91, .yuv444p)
        let program = try PictureProgram(PictureRequest(input: format, scaled: format.size, output: format), models: Samples.models)
        // Gray, so that clamping of colors cannot enter.
        var frame = Samples.frame(format)
        for layout in format.planeLayouts.dropFirst() {
            for index in layout.offset..<(layout.offset + layout.byteCount) { frame[index] = 128 }
        }
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        let codes = Samples.codes(frame, format.planeLayouts[0])
        let wanted = (Double(codes.reduce(0, +)) / Double(codes.count) - 16) / 219
        let found = thumbnail.samples.reduce(0) { $0 + Double($1) } / Double(thumbnail.samples.count)
        #expect(abs(found - wanted) < 1e-6)
    }

    @Test("only the window that the program uses is seen")
    func window() throws {
        let format = Samples.format(96, 64, .yuv420p)
        var frame = Samples.flat(format, [16, 128, 128])
        for y in 16..<48 { for x in 32..<64 { Samples.set(235, x, y, format.planeLayouts[0], &frame) } }
        var request = PictureRequest(input: format, scaled: PictureSize(width: 32, height: 32), output: Samples.format(32, 32, .yuv420p))
        request.crop = PixelRect(x: 32, y: 16, size: PictureSize(width: 32, height: 32))
        let program = try PictureProgram(request, models: Samples.models)
        let thumbnail = try frame.withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        #expect(thumbnail.samples.allSatisfy { abs($0 - 1) < 1e-6 })
    }
}
