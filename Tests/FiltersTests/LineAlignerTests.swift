import Filters
import Foundation
import GPU
import Picture
import Testing

@Suite struct LineAlignerTests {
    /// A picture of soft shapes, as a function of place: it can be read between samples.
    private static func scene(_ x: Double, _ y: Double, frame: Int) -> Double {
        let texture = 34 * sin(x * 0.31 + y * 0.02) + 26 * sin(x * 0.117 - y * 0.05 + Double(frame) * 0.3)
        let shape = 30 * tanh((x - 70 - 8 * sin(y * 0.07)) * 0.8)
        return 128 + texture * (0.6 + 0.4 * sin(y * 0.03)) + shape
    }

    private static func shifts(frames: Int, lines: Int, deviation: Double) -> [[Double]] {
        var noise = NormalNoise(seed: 77)
        return (0..<frames).map { _ in (0..<lines).map { _ in deviation * noise.next() } }
    }

    /// Five frames whose lines lie as `shifts` say: each shows what belongs further right.
    private static func clip(_ layout: FrameLayout, _ shifts: [[Double]]) -> PlaneClip {
        let unit = Double(1 << (layout.format.bitDepth - 8))
        return PlaneClip(layout, frames: 5) { frame, plane, x, y in
            let size = layout.planeSize(plane)
            let (across, down) = (layout.planeSize(0).width / size.width, layout.planeSize(0).height / size.height)
            let shift = (0..<down).map { shifts[frame][min(y * down + $0, shifts[frame].count - 1)] }.reduce(0, +) / Double(down)
            let value = scene(Double(x * across) + shift, Double(y * down), frame: frame)
            return Int((min(max(value, 0), 255) * unit).rounded())
        }
    }

    private static func window(_ clip: PlaneClip) -> FrameWindow {
        FrameWindow(
            read: { offset, plane, body in
                try body(
                    PlaneView(
                        bytes: UnsafeRawBufferPointer(clip.frames[2 + offset][plane].bytes), bytesPerRow: clip.layout.rowBytes(plane)))
            }, write: { _, _ in })
    }

    @Test("steady pictures come back to the bit, and so do those too small to tell", arguments: [(160, 96), (40, 96), (160, 8)])
    func steady(size: (Int, Int)) async throws {
        let layout = PlaneClip.layout(size.0, size.1, .yuv420p10)
        let steady = [[Double]](repeating: [Double](repeating: 0, count: size.1), count: 5)
        let clip = Self.clip(layout, steady)
        let result = try clip.filtered(2, by: try await LineAligner(layout: layout, device: TestDevice.get()))
        for plane in 0..<3 { #expect(result[plane] == clip.codes(2, plane)) }
    }

    @Test("jitter of the lines goes, in luma and chroma", arguments: [PixelFormat.yuv420p, .yuv420p10])
    func jitter(format: PixelFormat) async throws {
        let layout = PlaneClip.layout(320, 144, format)
        let shifts = Self.shifts(frames: 5, lines: 144, deviation: 2)
        let clip = Self.clip(layout, shifts)
        let aligner = try await LineAligner(layout: layout, device: TestDevice.get())
        let places = try #require(try aligner.places(of: Self.window(clip)))
        func deviation(_ values: [Double]) -> Double {
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
        }
        let left = zip(places, shifts[2]).map { Double($0) - $1 }
        #expect(deviation(left) < 0.3 * deviation(shifts[2]))

        let result = try clip.filtered(2, by: aligner)
        let clean = Self.clip(layout, [[Double]](repeating: [Double](repeating: 0, count: 144), count: 5))
        for plane in 0..<3 {
            func squares(_ codes: [Int]) -> Double {
                zip(codes, clean.codes(2, plane)).map { Double(($0 - $1) * ($0 - $1)) }.reduce(0, +)
            }
            #expect(squares(result[plane]) < squares(clip.codes(2, plane)) / 3)
        }
    }

    @Test("the device's costs are those of the formula")
    func costs() async throws {
        let device = try TestDevice.get()
        let (width, height, reach) = (75, 21, LineEvidence.reach)
        var noise = NormalNoise(seed: 5)
        let planes = (0..<5).map { _ in (0..<height).map { _ in (0..<width).map { _ in Float(128 + 40 * noise.next()) } } }
        func slope(_ line: [Float], _ x: Int) -> Double {
            func at(_ x: Int) -> Double { Double(line[min(max(x, 0), width - 1)]) }
            return (at(x + 1) + at(x + 2) - at(x - 1) - at(x - 2)) / 2
        }
        let slopes = planes.map { $0.map { line in (0..<width).map { slope(line, $0) } } }
        func cost(_ first: [Double], _ second: [Double], _ place: Int) -> Double {
            let inner = reach..<(width - reach)
            return inner.map { abs(first[$0 + place - reach] - second[$0]) }.reduce(0, +) / Double(inner.count)
        }

        let samples = try device.makeBuffer(byteCount: 4 * 5 * width * height, memory: .upload)
        let made = try device.makeBuffer(byteCount: 4 * 5 * width * height)
        let count = LineEvidence.comparisons * height * LineEvidence.places
        let costs = try device.makeBuffer(byteCount: 4 * count, memory: .download)
        try samples.withBytes { _ = $0.bindMemory(to: Float.self).update(fromContentsOf: planes.flatMap { $0.flatMap { $0 } }) }
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            try device.pipeline(.lineSlope, workgroup: WorkgroupSize(8, 4)), [samples.all, made.all],
            push: LineSlopeParameters(width: width, lines: 5 * height), invocations: (width, 5 * height, 1))
        try recorder.dispatch(
            try device.pipeline(.lineCost, workgroup: WorkgroupSize(8, 4)), [made.all, costs.all],
            push: LineCostParameters(width: width, height: height),
            invocations: (LineEvidence.places, height, LineEvidence.comparisons))
        try recorder.submit().waitBlocking()
        let found = try costs.withBytes { Array($0.bindMemory(to: Float.self)) }
        var largest = 0.0
        for comparison in 0..<LineEvidence.comparisons {
            for line in 0..<height {
                for place in 0..<LineEvidence.places {
                    let apart = comparison < 15 ? 1 << (comparison % 3) : 0
                    let other = [0, 1, 3, 4]
                    let wanted: Double
                    if comparison < 15 {
                        let plane = slopes[comparison / 3]
                        wanted = line + apart < height ? cost(plane[line], plane[line + apart], place) : 0
                    } else {
                        wanted = cost(slopes[2][line], slopes[other[comparison - 15]][line], place)
                    }
                    largest = max(largest, abs(Double(found[(comparison * height + line) * LineEvidence.places + place]) - wanted))
                }
            }
        }
        #expect(largest < 1e-3)
    }

    @Test("lines are moved by Lanczos' taps, whole shifts exactly")
    func taps() async throws {
        let device = try TestDevice.get()
        let (width, height) = (50, 4)
        var noise = NormalNoise(seed: 6)
        let plane = (0..<(width * height)).map { _ in Float((128 + 40 * noise.next()).rounded()) }
        let places: [Float] = [0, 3, -2.25, 0.5]
        let taps = LineTaps(places: places, height: height, ratio: 1)
        let (source, rows) = (
            try device.makeBuffer(byteCount: 4 * plane.count, memory: .upload),
            try device.makeBuffer(byteCount: 4 * taps.numbers.count, memory: .upload)
        )
        let target = try device.makeBuffer(byteCount: 4 * plane.count, memory: .download)
        try source.withBytes { _ = $0.bindMemory(to: Float.self).update(fromContentsOf: plane) }
        try rows.withBytes { _ = $0.bindMemory(to: Float.self).update(fromContentsOf: taps.numbers) }
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            try device.pipeline(.linePlace, workgroup: WorkgroupSize(8, 4)), [source.all, rows.all, target.all],
            push: LinePlaceParameters(width: width, height: height), invocations: (width, height, 1))
        try recorder.submit().waitBlocking()
        let found = try target.withBytes { Array($0.bindMemory(to: Float.self)) }
        func lanczos(_ x: Double) -> Double {
            x == 0 ? 1 : abs(x) >= 4 ? 0 : sin(.pi * x) / (.pi * x) * sin(.pi * x / 4) / (.pi * x / 4)
        }
        for line in 0..<height {
            for x in 0..<width {
                let position = Double(x) - Double(places[line])
                let first = Int(position.rounded(.down)) - 3
                let weights = (first...(first + 7)).map { lanczos(Double($0) - position) }
                let sum = weights.reduce(0, +)
                let wanted = zip(first..., weights).map { at, weight in
                    Double(plane[line * width + min(max(at, 0), width - 1)]) * weight / sum
                }.reduce(0, +)
                let value = Double(found[line * width + x])
                #expect(abs(value - wanted) < (places[line] == places[line].rounded() ? 1e-9 : 1e-3))
            }
        }
    }

    @Test("chroma lines lie where the luma lines that they cover lie, at their own scale")
    func chroma() {
        let covered = LineTaps(places: [4, 2, -2, -4], height: 2, ratio: 0.5)
        #expect(covered.numbers == LineTaps(places: [1.5, -1.5], height: 2, ratio: 1).numbers)
        #expect(LineTaps(places: [2], height: 1, ratio: 1).numbers == [-5, 0, 0, 0, 1, 0, 0, 0, 0])
    }
}
