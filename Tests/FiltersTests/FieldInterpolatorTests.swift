import Filters
import GPU
import Networks
import Picture
import Testing

@Suite struct FieldInterpolatorTests {
    @Test(
        "what stands still is left to the bit, at odd sizes and in both orders", arguments: [PixelFormat.yuv420p, .yuv420p10],
        [true, false])
    func still(format: PixelFormat, topFirst: Bool) async throws {
        let device = try TestDevice.get()
        let layout = PlaneClip.layout(37, 23, format)
        let largest = format.bitDepth == 8 ? 255 : 1023
        let clip = PlaneClip(layout, frames: 4) { _, plane, x, y in (x * 7919 + y * 104_729 + plane * 31) % (largest + 1) }
        let interpolator = try await FieldInterpolator(layout: layout, topFirst: topFirst, device: device)
        for instant in [2, 3] {
            for plane in 0..<3 {
                #expect(try clip.interpolated(plane, instant: instant, by: interpolator) == [UInt8](clip.frames[1][plane].bytes))
            }
        }
    }

    @Test("lines of the field are kept, the others are what the network gives", arguments: [2, 3])
    func moving(instant: Int) async throws {
        let device = try TestDevice.get()
        let layout = PlaneClip.layout(40, 24, .yuv420p)
        let clip = PlaneClip(layout, frames: 4) { frame, _, x, y in 16 + (x * 5 + y * 11 + (2 * frame + y % 2) * 17) % 220 }
        let interpolator = try await FieldInterpolator(layout: layout, topFirst: true, device: device)
        let result = try clip.interpolated(0, instant: instant, by: interpolator)
        let isEven = interpolator.holdsEvenLines(instant)
        #expect(isEven == (instant == 2))

        let network = try ModelLibrary.network(FieldInterpolator.modelName, graph: isEven ? "graph" : "graph.odd")
        var values: [Float] = []
        for field in (instant - 2)...(instant + 2) {
            for y in 0..<12 {
                for x in 0..<40 { values.append((Float(clip.frames[field / 2][0].bytes[(2 * y + field % 2) * 40 + x]) - 16) / 219) }
            }
        }
        let wanted = try ReferenceExecutor.run(network, inputs: [Tensor(shape: [5, 12, 40], values: values)])[0].values
        for y in 0..<24 {
            for x in 0..<40 {
                let code = Int(result[y * 40 + x])
                if (y % 2 == 0) == isEven {
                    #expect(code == Int(clip.frames[instant / 2][0].bytes[y * 40 + x]))
                } else {
                    let value = min(max(wanted[y / 2 * 40 + x] * 219 + 16, 0), 255)
                    #expect(abs(Float(code) - value) < 0.51)
                }
            }
        }
    }
}

extension PlaneClip {
    /// One plane of the picture that is made of a field, given by its instant.
    fileprivate func interpolated(_ plane: Int, instant: Int, by interpolator: FieldInterpolator) throws -> [UInt8] {
        let result = Plane([UInt8](repeating: 0, count: layout.byteCount(plane)))
        let rowBytes = layout.rowBytes(plane)
        try interpolator.interpolate(plane: plane, instant: instant, into: result.bytes, bytesPerRow: rowBytes) { offset, read in
            read(PlaneView(bytes: UnsafeRawBufferPointer(frames[(instant + offset) / 2][plane].bytes), bytesPerRow: rowBytes))
        }
        return [UInt8](result.bytes)
    }
}
