import Filters
import Foundation
import GPU
import Picture
import Testing

@Suite(.serialized) struct ValidationTests {
    /// Runs `body` on a device under the validation layer, whose silence is what is tested; once in few submissions, once in many and
    /// with results copied for the host.
    private func validate(_ body: (Device) async throws -> Void) async throws {
        let instance = try Instance(validation: .whenInstalled)
        try #require(instance.isValidating, "Scripts/setup installs vulkan-validationlayers")
        try await body(try instance.openDevice())
        try await body(try instance.openDevice(options: DeviceOptions(largestSubmission: 1e6, copiesResults: true)))
        // The devices are closed: what they left open would be told too.
        #expect(instance.validationMessages == [])
    }

    @Test("the validation layer has nothing to say about a picture that goes through every stage")
    func picture() async throws {
        let output = Samples.format(74, 46, .yuv420p10, Samples.hdr)
        let request = PictureRequest(
            input: Samples.format(37, 23, .yuv420p), scaler: .superResolution(.fineTuning), scaled: output.size,
            color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25, highlights: 1, local: 1), deband: true,
            grain: FilmGrain(size: .medium, strength: 20), output: output)
        let program = try PictureProgram(request, models: FilterModels.bundled())
        let network = try InfiniteHDR()
        let frames = [UInt64(1), 2, 3].map { Samples.frame(request.input, seed: $0) }
        let thumbnail = try frames[0].withUnsafeBytes { try Thumbnailer(program).thumbnail($0) }
        let look = try network.look(for: network.condition(of: thumbnail), program: program)
        try await validate { device in
            let processor = try await PictureProcessor(program: program, device: device, depth: 2)
            var tickets: [PictureTicket] = []
            for (index, frame) in frames.enumerated() {
                if tickets.count == 2 { _ = try await processor.finish(tickets.removeFirst()) { _, light in light } }
                tickets.append(try await processor.submit(frameIndex: index, look: look) { $0.copyBytes(from: frame) })
            }
            for ticket in tickets { _ = try await processor.finish(ticket) { _, light in light } }
        }
    }

    @Test("the validation layer has nothing to say about the filters that see several frames")
    func windows() async throws {
        let layout = PlaneClip.layout(160, 64, .yuv420p)
        let reach = LineAligner.reach
        // Lines that lie off where they belong, in each frame in other places.
        var noise = NormalNoise(seed: 5)
        var shifts: [[Double]] = []
        for _ in 0..<LineAligner.frameCount { shifts.append((0..<64).map { _ in 2 * noise.next() }) }
        let clip = PlaneClip(layout, frames: LineAligner.frameCount) { frame, plane, x, y in
            let step = layout.planeSize(0).width / layout.planeSize(plane).width
            let place = Double(x * step) + shifts[frame][min(y * step, 63)]
            return Int((128 + 40 * sin(place * 0.31) + 30 * sin(place * 0.117 + Double(y) * 0.05)).rounded())
        }
        try await validate { device in
            _ = try clip.filtered(reach, by: try await NoiseReducer(layout: layout, device: device))
            // All of it: the lines were found to be off, and were moved.
            #expect(try clip.filtered(reach, by: try await LineAligner(layout: layout, device: device))[0] != clip.codes(reach, 0))
            let interpolator = try await FieldInterpolator(layout: layout, topFirst: true, device: device)
            let target = PlaneClip.Plane([UInt8](repeating: 0, count: layout.byteCount(0)))
            for instant in [2 * reach, 2 * reach + 1] {
                try interpolator.interpolate(plane: 0, instant: instant, into: target.bytes, bytesPerRow: layout.rowBytes(0)) {
                    offset, read in
                    let frame = clip.frames[(instant + offset) / 2][0]
                    read(PlaneView(bytes: UnsafeRawBufferPointer(frame.bytes), bytesPerRow: layout.rowBytes(0)))
                }
            }
        }
    }
}
