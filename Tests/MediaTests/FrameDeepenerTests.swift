import ColorScience
import Media
import Picture
import Testing

@Suite struct FrameDeepenerTests {
    /// The samples of one row of each plane behind the deepener, 8 bits to 16, where every plane has the codes 0…255.
    private func deepened(_ format: PixelFormat, _ range: ColorRange) throws -> [[UInt16]] {
        let layout = FrameLayout(size: PictureSize(width: 256, height: 2), format: format)
        let pool = try FramePool(layout: layout)
        var frame = try pool.frame()
        for plane in 0..<format.planeCount {
            let size = layout.planeSize(plane)
            let rows = (0..<size.height).flatMap { _ in (0..<size.width).map { UInt8($0) } }
            rows.withUnsafeBytes { frame.fillPlane(plane, from: $0, bytesPerRow: size.width) }
        }
        let deepener = try FrameDeepener(layout, bitDepth: 16, range: range)
        let deep = try deepener.deepen(frame)
        var planes: [[UInt16]] = []
        for plane in 0..<format.planeCount {
            let size = deep.layout.planeSize(plane)
            var rows = [UInt16](repeating: 0, count: size.width * size.height)
            rows.withUnsafeMutableBytes { deep.copyPlane(plane, into: $0, bytesPerRow: 2 * size.width) }
            planes.append(Array(rows.prefix(size.width)))
        }
        return planes
    }

    @Test("codes of 16 bits mean what those of 8 bits meant", arguments: [ColorRange.full, .limited])
    func meaning(range: ColorRange) throws {
        let (narrow, wide) = (Quantization(range: range, bitDepth: 8), Quantization(range: range, bitDepth: 16))
        for (plane, codes) in try deepened(.yuv444p, range).enumerated() {
            for (code, deep) in codes.enumerated() {
                let (wanted, found) =
                    plane == 0
                    ? (narrow.decodeLuma(code), wide.decodeLuma(Int(deep))) : (narrow.decodeChroma(code), wide.decodeChroma(Int(deep)))
                // Full-range chroma of code 0 lies half a code of 8 bits below what 16 bits reach.
                let isBeyond = plane > 0 && range == .full && code == 0
                #expect(abs(found - wanted) < (isBeyond ? 0.51 / 255 : 1e-9), "plane \(plane), code \(code)")
            }
        }
    }

    @Test("no color stays no color in full range; components and luma reach from end to end")
    func ends() throws {
        let planes = try deepened(.yuv444p, .full)
        #expect(planes[1][128] == 32768 && planes[2][128] == 32768 && planes[1][0] == 0)
        #expect(planes[0][255] == 65535 && planes[0][128] == 128 * 257)
        let components = try deepened(PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: 8), .full)
        #expect(components.allSatisfy { $0[0] == 0 && $0[128] == 128 * 257 && $0[255] == 65535 })
    }
}
