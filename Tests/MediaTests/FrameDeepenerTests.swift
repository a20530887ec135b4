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

    /// A frame of 4 × 2 whose samples count up from `first` through all planes, in words of the format's size.
    private func counted(_ format: PixelFormat) throws -> Frame {
        let layout = FrameLayout(size: PictureSize(width: 4, height: 2), format: format)
        let pool = try FramePool(layout: layout)
        var frame = try pool.frame()
        (frame.index, frame.presentationTime) = (7, 70)
        var next: UInt16 = 0
        for plane in 0..<format.planeCount {
            let size = layout.planeSize(plane)
            let samples = (0..<size.width * size.height).map { next + UInt16($0) }
            next += UInt16(samples.count)
            if format.bytesPerSample == 1 {
                samples.map { UInt8($0) }.withUnsafeBytes { frame.fillPlane(plane, from: $0, bytesPerRow: size.width) }
            } else {
                samples.withUnsafeBytes { frame.fillPlane(plane, from: $0, bytesPerRow: 2 * size.width) }
            }
        }
        return frame
    }

    private func bytes(_ frame: borrowing Frame, _ plane: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: frame.layout.byteCount(plane))
        let step = frame.layout.rowBytes(plane)
        bytes.withUnsafeMutableBytes { frame.copyPlane(plane, into: $0, bytesPerRow: step) }
        return bytes
    }

    @Test("alpha is left out, where the depth stays too", arguments: [8, 10], [false, true])
    func transparency(depth: Int, isDeepened: Bool) throws {
        let format = PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: depth, hasAlpha: true)
        let target = isDeepened ? 16 : depth
        let frame = try counted(format)
        let given = (0..<3).map { bytes(frame, $0) }
        let deepener = try FrameDeepener(frame.layout, bitDepth: target, range: .limited)
        let deep = try deepener.deepen(frame)
        let (layout, index, time) = (deep.layout, deep.index, deep.presentationTime)
        #expect(layout == deepener.layout)
        #expect(layout.format == PixelFormat(model: .ycbcr, subsampling: .yuv420, bitDepth: target))
        #expect(index == 7 && time == 70)
        let made = (0..<3).map { bytes(deep, $0) }
        if isDeepened {
            let codes = made[2].withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
            #expect(codes == [10 << UInt16(16 - depth), 11 << UInt16(16 - depth)])
        } else {
            #expect(made == given)
        }
        let keeping = try FrameDeepener(FrameLayout(size: layout.size, format: format), bitDepth: 16, keepsAlpha: true, range: .limited)
        #expect(keeping.layout.format.hasAlpha)
    }

    @Test("the first planes of a frame go by another layout without a copy, where they have the same samples")
    func sharing() throws {
        func layout(_ format: PixelFormat) -> FrameLayout { FrameLayout(size: PictureSize(width: 4, height: 2), format: format) }
        let gray16 = PixelFormat(model: .gray, subsampling: .gray, bitDepth: 16)
        let components = try counted(.gbrp10)
        let given = (0..<3).map { bytes(components, $0) }
        let green = try components.sharing(layout(gray16))
        let (number, format) = (green.index, green.layout.format)
        #expect(number == 7 && format == gray16)
        let renamed = try components.sharing(layout(.yuv444p10))
        let same = (0..<3).map { bytes(renamed, $0) }
        #expect(same == given)
        // Written to, it has a plane of its own.
        var written = try components.sharing(layout(gray16))
        let nines = [UInt16](repeating: 9, count: 8)
        nines.withUnsafeBytes { written.fillPlane(0, from: $0, bytesPerRow: 8) }
        let (own, left) = (bytes(written, 0), bytes(green, 0))
        #expect(own != given[0] && left == given[0])
        for other in [PixelFormat.gray, .yuv420p10, .yuv444p, PixelFormat(model: .rgb, subsampling: .yuv444, bitDepth: 10, hasAlpha: true)]
        {
            do throws(MediaError) {
                _ = try components.sharing(layout(other))
                Issue.record("\(other) has other samples")
            } catch {
                #expect(error == .wrongFrame(.otherLayout))
            }
        }
    }
}
