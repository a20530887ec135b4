import Filters
import GPU
import Networks
import Picture
import Testing

@Suite struct NoiseReducerTests {
    /// A scene with edges and slopes, the same in every frame.
    private static func scene(_ x: Int, _ y: Int) -> Double { 60 + Double(x) * 0.9 + ((x / 12 + y / 9) % 2 == 0 ? 50 : 0) }

    private static func noisy(_ layout: FrameLayout, deviation: Double, frames: Int = 5) -> PlaneClip {
        var noise = NormalNoise(seed: 4)
        let unit = Double(1 << (layout.format.bitDepth - 8))
        let largest = Double((1 << layout.format.bitDepth) - 1)
        return PlaneClip(layout, frames: frames) { _, _, x, y in
            Int(min(max((scene(x, y) + deviation * noise.next()) * unit, 0), largest).rounded())
        }
    }

    @Test(
        "a clean picture that stands still comes back to the bit, at odd sizes and from 16 samples on",
        arguments: [PixelFormat.yuv420p, .yuv420p10], [(37, 23), (16, 16), (130, 75)])
    func still(format: PixelFormat, size: (Int, Int)) async throws {
        let layout = PlaneClip.layout(size.0, size.1, format)
        let largest = format.bitDepth == 8 ? 255 : 1023
        let clip = PlaneClip(layout, frames: 5) { _, plane, x, y in (x * 7919 + y * 104_729 + plane * 31) % (largest + 1) }
        let reducer = try await NoiseReducer(layout: layout, device: TestDevice.get())
        let result = try clip.filtered(2, by: reducer)
        for plane in 0..<3 { #expect(result[plane] == clip.codes(2, plane)) }
    }

    @Test("ramps and flat pictures that move stay clean")
    func ramps() async throws {
        let layout = PlaneClip.layout(96, 64, .yuv420p)
        let clip = PlaneClip(layout, frames: 5) { frame, plane, x, y in plane == 0 ? 30 + x + 2 * frame : 128 + plane * 3 }
        let result = try clip.filtered(2, by: try await NoiseReducer(layout: layout, device: TestDevice.get()))
        for plane in 0..<3 {
            let change = zip(result[plane], clip.codes(2, plane)).map { abs($0 - $1) }.max() ?? 0
            #expect(change <= 1)
        }
    }

    @Test("noise goes, at every size and depth, and the picture's mean stays", arguments: [PixelFormat.yuv420p, .yuv420p10])
    func noise(format: PixelFormat) async throws {
        let layout = PlaneClip.layout(101, 66, format)
        let unit = Double(1 << (format.bitDepth - 8))
        let clip = Self.noisy(layout, deviation: 15)
        let result = try clip.filtered(2, by: try await NoiseReducer(layout: layout, device: TestDevice.get()))[0]
        func squares(_ codes: [Int]) -> Double {
            codes.enumerated().map { place, code in
                let error = Double(code) / unit - Self.scene(place % 101, place / 101)
                return error * error
            }.reduce(0, +) / Double(codes.count)
        }
        #expect(squares(result) < squares(clip.codes(2, 0)) / 4)
        let shift = Double(result.reduce(0, +) - clip.codes(2, 0).reduce(0, +)) / Double(result.count) / unit
        #expect(abs(shift) < 0.5)
    }

    @Test("divided shares take less memory and give the same picture")
    func dividedShares() async throws {
        let layout = PlaneClip.layout(192, 128, .yuv420p)
        let clip = Self.noisy(layout, deviation: 15)
        func run(parts: Int) async throws -> (bytes: Int, result: [[Int]]) {
            let device = try Instance().openDevice(options: DeviceOptions(memoryBudget: 1 << 30))
            let reducer = try await NoiseReducer(layout: layout, device: device, parts: parts)
            try await device.settle()
            return (device.memoryInUse, try clip.filtered(2, by: reducer))
        }
        let (whole, least) = (try await run(parts: 1), try await run(parts: .max))
        #expect(least.bytes < whole.bytes)
        #expect(least.result == whole.result)
    }

    @Test("the engine gives what the reference gives, mirrored borders included")
    func twin() async throws {
        let layout = PlaneClip.layout(40, 24, .yuv420p)
        let clip = Self.noisy(layout, deviation: 12)
        let result = try clip.filtered(2, by: try await NoiseReducer(layout: layout, device: TestDevice.get()))[0]
        var values: [Float] = []
        for frame in 0..<5 {
            let codes = clip.codes(frame, 0)
            for y in 0..<32 {
                for x in 0..<48 {
                    values.append((Float(codes[(y < 24 ? y : 46 - y) * 40 + (x < 40 ? x : 78 - x)]) - 16) / 219)
                }
            }
        }
        let network = try ModelLibrary.network(NoiseReducer.modelName)
        let wanted = try ReferenceExecutor.run(network, inputs: [Tensor(shape: [5, 32, 48], values: values)])[0].values
        for y in 0..<24 {
            for x in 0..<40 {
                let value = min(max(wanted[y * 48 + x] * 219 + 16, 0), 255)
                #expect(abs(Float(result[y * 40 + x]) - value) < 0.51)
            }
        }
    }

    @Test("extreme codes and pure noise give codes, never the wrong picture")
    func extremes() async throws {
        let layout = PlaneClip.layout(48, 32, .yuv420p)
        var noise = NormalNoise(seed: 9)
        let clip = PlaneClip(layout, frames: 5) { _, _, _, _ in noise.next() > 0 ? 255 : 0 }
        let result = try clip.filtered(2, by: try await NoiseReducer(layout: layout, device: TestDevice.get()))
        #expect(result[0].allSatisfy { (0...255).contains($0) })
    }

    @Test("a cut leaves no ghost of the other scene")
    func cut() async throws {
        let layout = PlaneClip.layout(96, 64, .yuv420p)
        var noise = NormalNoise(seed: 12)
        let clip = PlaneClip(layout, frames: 5) { frame, _, x, y in
            let other = 200 - ((x / 16) % 2) * 90
            let scene = frame < 2 ? Double(other) : Self.scene(x, y)
            return Int(min(max(scene + 10 * noise.next(), 0), 255).rounded())
        }
        let result = try clip.filtered(2, by: try await NoiseReducer(layout: layout, device: TestDevice.get()))[0]
        // In bands of the other scene's stripes the mean error would differ if anything of it were mixed in.
        var sums = [0.0, 0.0]
        var counts = [0.0, 0.0]
        for (place, code) in result.enumerated() {
            let (x, y) = (place % 96, place / 96)
            sums[(x / 16) % 2] += Double(code) - Self.scene(x, y)
            counts[(x / 16) % 2] += 1
        }
        #expect(abs(sums[0] / counts[0] - sums[1] / counts[1]) < 2)
    }
}
