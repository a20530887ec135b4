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

    /// Frames whose lines lie as `shifts` say: each shows what belongs further right. `noise` is white, in codes of 8 bits.
    private static func clip(
        _ layout: FrameLayout, _ shifts: [[Double]], frames: Int = LineAligner.frameCount, noise: Double = 0,
        scene: (_ x: Double, _ y: Double, _ frame: Int) -> Double = { LineAlignerTests.scene($0, $1, frame: $2) }
    ) -> PlaneClip {
        let unit = Double(1 << (layout.format.bitDepth - 8))
        var chance = NormalNoise(seed: 78)
        return PlaneClip(layout, frames: frames) { frame, plane, x, y in
            let size = layout.planeSize(plane)
            let (across, down) = (layout.planeSize(0).width / size.width, layout.planeSize(0).height / size.height)
            let shift = (0..<down).map { shifts[frame][min(y * down + $0, shifts[frame].count - 1)] }.reduce(0, +) / Double(down)
            let value = scene(Double(x * across) + shift, Double(y * down), frame) + (noise > 0 ? noise * chance.next() : 0)
            return Int((min(max(value, 0), 255) * unit).rounded())
        }
    }

    private static func still(_ layout: FrameLayout) -> [[Double]] {
        [[Double]](repeating: [Double](repeating: 0, count: layout.planeSize(0).height), count: LineAligner.frameCount)
    }

    private static func window(_ clip: PlaneClip) -> FrameWindow {
        FrameWindow(
            number: { LineAligner.reach + $0 },
            read: { offset, plane, body in
                try body(
                    PlaneView(
                        bytes: UnsafeRawBufferPointer(clip.frames[LineAligner.reach + offset][plane].bytes),
                        bytesPerRow: clip.layout.rowBytes(plane)))
            }, write: { _, _ in })
    }

    @Test("steady pictures come back to the bit, and so do those too small to tell", arguments: [(160, 96), (40, 96), (160, 8)])
    func steady(size: (Int, Int)) async throws {
        let layout = PlaneClip.layout(size.0, size.1, .yuv420p10)
        let steady = [[Double]](repeating: [Double](repeating: 0, count: size.1), count: LineAligner.frameCount)
        let clip = Self.clip(layout, steady)
        let result = try clip.filtered(LineAligner.reach, by: try await LineAligner(layout: layout, device: TestDevice.get()))
        for plane in 0..<3 { #expect(result[plane] == clip.codes(LineAligner.reach, plane)) }
    }

    @Test("clean and drawn pictures come back to the bit", arguments: LinePicture.allCases)
    func drawn(picture: LinePicture) async throws {
        let layout = PlaneClip.layout(320, 144, .yuv420p)
        let clip = Self.clip(layout, Self.still(layout), noise: picture.noise) { x, y, frame in
            picture.value(x, y, frame: frame, scene: { Self.scene(x, y, frame: frame) })
        }
        let result = try clip.filtered(LineAligner.reach, by: try await LineAligner(layout: layout, device: TestDevice.get()))
        for plane in 0..<3 { #expect(result[plane] == clip.codes(LineAligner.reach, plane)) }
    }

    @Test("jitter goes where most lines are empty or noisy", arguments: [LinePicture.title, .noisyTitle, .barred])
    func mostlyEmpty(picture: LinePicture) async throws {
        let layout = PlaneClip.layout(320, 144, .yuv420p)
        func clip(_ shifts: [[Double]], noise: Double) -> PlaneClip {
            Self.clip(layout, shifts, noise: noise) { x, y, frame in
                picture.value(x, y, frame: frame, scene: { Self.scene(x, y, frame: frame) })
            }
        }
        let jittered = clip(Self.shifts(frames: LineAligner.frameCount, lines: 144, deviation: 2), noise: picture.noise)
        let clean = clip(Self.still(layout), noise: 0).codes(LineAligner.reach, 0)
        func squares(_ codes: [Int]) -> Double { zip(codes, clean).map { Double(($0 - $1) * ($0 - $1)) }.reduce(0, +) }
        let result = try jittered.filtered(LineAligner.reach, by: try await LineAligner(layout: layout, device: TestDevice.get()))
        #expect(squares(result[0]) < squares(jittered.codes(LineAligner.reach, 0)) / 4)
    }

    @Test("jitter of the lines goes, in luma and chroma", arguments: [PixelFormat.yuv420p, .yuv420p10])
    func jitter(format: PixelFormat) async throws {
        let layout = PlaneClip.layout(320, 144, format)
        let shifts = Self.shifts(frames: LineAligner.frameCount, lines: 144, deviation: 2)
        let clip = Self.clip(layout, shifts)
        let aligner = try await LineAligner(layout: layout, device: TestDevice.get())
        let places = try #require(try aligner.places(of: Self.window(clip)))
        func deviation(_ values: [Double]) -> Double {
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
        }
        let left = zip(places, shifts[LineAligner.reach]).map { Double($0) - $1 }
        #expect(deviation(left) < 0.3 * deviation(shifts[LineAligner.reach]))

        let result = try clip.filtered(LineAligner.reach, by: aligner)
        let clean = Self.clip(layout, [[Double]](repeating: [Double](repeating: 0, count: 144), count: LineAligner.frameCount))
        for plane in 0..<3 {
            func squares(_ codes: [Int]) -> Double {
                zip(codes, clean.codes(LineAligner.reach, plane)).map { Double(($0 - $1) * ($0 - $1)) }.reduce(0, +)
            }
            #expect(squares(result[plane]) < squares(clip.codes(LineAligner.reach, plane)) / 3)
        }
    }

    @Test("the device's costs are those of the formula", arguments: [(0, 0), (2, 0), (-3, 5), (1, -7)])
    func costs(offset: (Int, Int)) async throws {
        let device = try TestDevice.get()
        let (width, height, reach) = (75, 21, LineShifts.reach)
        let (down, across) = offset
        var noise = NormalNoise(seed: 5)
        let planes = (0..<2).map { _ in (0..<height).map { _ in (0..<width).map { _ in Float(128 + 40 * noise.next()) } } }
        func slope(_ line: [Float], _ x: Int) -> Double {
            func at(_ x: Int) -> Double { Double(line[min(max(x, 0), width - 1)]) }
            return (at(x + 1) + at(x + 2) - at(x - 1) - at(x - 2)) / 2
        }
        let slopes = planes.map { $0.map { line in (0..<width).map { slope(line, $0) } } }
        // Samples of the first line that the second one, `across` further, shows too, moved by any place.
        let inner = (max(0, -across) + reach)..<(width - max(0, across) - reach)
        func cost(_ line: Int, _ place: Int) -> Double {
            guard (0..<height).contains(line + down) else { return 0 }
            return inner.map { abs(slopes[1][line][$0 + place - reach] - slopes[0][line + down][$0 + across]) }.reduce(0, +)
                / Double(inner.count)
        }

        let samples = try device.makeBuffer(byteCount: 4 * 2 * width * height, memory: .upload)
        let made = try device.makeBuffer(byteCount: 4 * 2 * width * height)
        let costs = try device.makeBuffer(byteCount: 4 * height * LineShifts.places, memory: .download)
        try samples.withBytes { _ = $0.bindMemory(to: Float.self).update(fromContentsOf: planes.flatMap { $0.flatMap { $0 } }) }
        var recorder = try device.makeRecorder()
        try recorder.dispatch(
            try device.pipeline(.lineSlope, workgroup: WorkgroupSize(8, 4)), [samples.all, made.all],
            push: LineSlopeParameters(width: width, lines: 2 * height), invocations: (width, 2 * height, 1))
        try recorder.dispatch(
            try device.pipeline(.lineCost, workgroup: WorkgroupSize(8, 4)), [made.all, costs.all],
            push: LineCostParameters(
                size: PictureSize(width: width, height: height), first: 1, second: 0, offset: FrameOffset(down: down, across: across),
                target: 0),
            invocations: (LineShifts.places, height, 1))
        try recorder.submit().waitBlocking()
        let found = try costs.withBytes { Array($0.bindMemory(to: Float.self)) }
        var largest = 0.0
        for line in 0..<height {
            for place in 0..<LineShifts.places {
                largest = max(largest, abs(Double(found[line * LineShifts.places + place]) - cost(line, place)))
            }
        }
        #expect(largest < 1e-3)
    }

    @Test("a frame's own motion is told from projections, whatever its lines do", arguments: [(0, 0), (3, -5), (-6, 4), (0, 20)])
    func motion(offset: (Int, Int)) {
        let (width, height) = (240, 120)
        // Soft spots at chance places.
        var chance = NormalNoise(seed: 12)
        var spots: [(x: Double, y: Double, size: Double)] = []
        for _ in 0..<50 {
            spots.append((120 + 90 * chance.next(), 60 + 45 * chance.next(), 50 + 20 * abs(chance.next())))
        }
        func texture(_ x: Double, _ y: Double) -> Double {
            spots.reduce(0) { $0 + 60 * exp(-(($1.x - x) * ($1.x - x) + ($1.y - y) * ($1.y - y)) / $1.size) }
        }
        func projections(_ down: Int, _ across: Int, seed: UInt64) -> FrameProjections {
            var noise = NormalNoise(seed: seed)
            var shifts: [Double] = []
            for _ in 0..<height { shifts.append(2 * noise.next()) }
            let luma = (0..<height).flatMap { y in
                (0..<width).map { x in Float(texture(Double(x - across) + shifts[y], Double(y - down))) }
            }
            return luma.withUnsafeBufferPointer { FrameProjections(luma: $0, width: width, height: height) }
        }
        let found = projections(offset.0, offset.1, seed: 3).offset(from: projections(0, 0, seed: 4))
        #expect(abs(found.down - offset.0) <= 1)
        #expect(abs(found.across - offset.1) <= 1)
    }

    @Test("what is kept of frames between windows changes nothing")
    func kept() async throws {
        let layout = PlaneClip.layout(160, 64, .yuv420p)
        let clip = Self.clip(
            layout, Self.shifts(frames: LineAligner.frameCount + 2, lines: 64, deviation: 2), frames: LineAligner.frameCount + 2)
        let device = try TestDevice.get()
        let one = try await LineAligner(layout: layout, device: device)
        for place in LineAligner.reach..<LineAligner.reach + 3 {
            let alone = try await LineAligner(layout: layout, device: device)
            #expect(try clip.filtered(place, by: one) == clip.filtered(place, by: alone))
        }
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
