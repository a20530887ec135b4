import ColorScience
import Filters
import GPU
import Picture
import Testing

@Suite(.serialized) struct PictureProcessorTests {
    private func headline(_ size: PictureSize = PictureSize(width: 96, height: 54)) throws -> PictureProgram {
        let output = PictureFormat(size: PictureSize(width: size.width * 2, height: size.height * 2), pixels: .yuv420p10, tags: Samples.hdr)
        return try PictureProgram(
            PictureRequest(
                input: PictureFormat(size: size, pixels: .yuv420p, tags: Samples.hd), scaler: .bicubic, scaled: output.size,
                color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25), output: output), models: Samples.models)
    }

    @Test("frames in flight come out as they do one by one, in any order of finishing")
    func pipelining() async throws {
        let program = try headline()
        let look = try Samples.look()
        let frames = (0..<6).map { Samples.frame(program.request.input, seed: UInt64($0 + 1)) }
        let single = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 1)
        var wanted: [[UInt8]] = []
        for (index, frame) in frames.enumerated() {
            wanted.append(try await single.process(frame, frameIndex: 40 + index, look: look).planes)
        }
        let deep = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 3)
        for start in [0, 3] {
            var tickets: [PictureTicket] = []
            for index in start..<(start + 3) {
                tickets.append(try await deep.submit(frameIndex: 40 + index, look: look) { $0.copyBytes(from: frames[index]) })
            }
            for index in [2, 0, 1] {
                let found = try await deep.finish(tickets[index]) { bytes, _ in [UInt8](bytes) }
                #expect(found == wanted[start + index])
            }
        }
        #expect(Set(wanted).count == wanted.count)
    }

    @Test("the same frame gives the same bytes every time, and other noise at another index")
    func determinism() async throws {
        let program = try headline()
        let look = try Samples.look()
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let frame = Samples.frame(program.request.input)
        let first = try await processor.process(frame, frameIndex: 9, look: look).planes
        for _ in 0..<3 { #expect(try await processor.process(frame, frameIndex: 9, look: look).planes == first) }
        #expect(try await processor.process(frame, frameIndex: 10, look: look).planes != first)
    }

    @Test("no pixel is brighter than the peak asked for", arguments: [300.0, 800])
    func peak(luminance: Double) async throws {
        let format = Samples.format(64, 36, .yuv444p)
        let output = Samples.format(64, 36, .yuv444p10, Samples.hdr)
        let program = try PictureProgram(
            PictureRequest(
                input: format, scaled: format.size, color: .infiniteHDR(peakLuminance: luminance, saturationBoost: 1.25), output: output,
                dither: .none), models: Samples.models)
        let expansion = LightExpansion(peakLuminance: luminance, saturationBoost: 1.25)
        let look = try BakedLUT(edge: 33) { expansion.apply($0, gains: Vector3(gray: 4)) }
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        let result = try await processor.process(Samples.frame(format), frameIndex: 0, look: look)
        let light = try #require(result.light)
        #expect(light.maximum <= luminance * 1.002)
        #expect(light.maximum >= luminance * 0.9)
    }

    @Test("a dropped ticket gives its place back, and waiting for a place can be cancelled")
    func places() async throws {
        let program = try headline()
        let look = try Samples.look()
        let processor = try await PictureProcessor(program: program, device: TestDevice.get(), depth: 1)
        let frame = Samples.frame(program.request.input)
        for index in 0..<3 { _ = try await processor.submit(frameIndex: index, look: look) { $0.copyBytes(from: frame) } }
        let held = try await processor.submit(frameIndex: 5, look: look) { $0.copyBytes(from: frame) }
        let waiting = Task { _ = try await processor.submit(frameIndex: 6, look: look) { $0.copyBytes(from: frame) } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        _ = try await processor.finish(held) { _, light in light }
        _ = try await processor.process(frame, frameIndex: 7, look: look)
    }

    @Test("what is missing or too large is refused, and nothing stays on the device")
    func refusals() async throws {
        let device = try Instance().openDevice(options: DeviceOptions(memoryBudget: 1 << 20))
        let large = try PictureProgram(
            PictureRequest(
                input: Samples.format(1280, 720, .yuv420p), scaled: PictureSize(width: 1280, height: 720),
                output: Samples.format(1280, 720, .yuv420p)),
            models: Samples.models)
        await #expect(throws: FilterError.self) { try await PictureProcessor(program: large, device: device) }
        #expect(device.statistics.buffers == 0)
        let program = try headline()
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        await #expect(throws: FilterError.self) { try await processor.process(Samples.frame(program.request.input), frameIndex: 0) }
        await #expect(throws: FilterError.self) { try await processor.process([1, 2, 3], frameIndex: 0, look: Samples.look()) }
    }

    @Test("the memory announced is the memory taken, and all of it comes back", arguments: [false, true])
    func memory(copiesResults: Bool) async throws {
        let device = try Instance().openDevice(options: DeviceOptions(copiesResults: copiesResults))
        if copiesResults { #expect(!device.readsInPlace) }
        let program = try headline()
        do {
            let before = device.memoryAvailable
            let processor = try await PictureProcessor(program: program, device: device, depth: 2)
            let announced = try program.deviceBytes(depth: 2, readsInPlace: device.readsInPlace)
            #expect(processor.deviceBytes == announced)
            // Weights, uniforms and padding of small buffers come on top.
            #expect((announced...(announced + 1 << 16)).contains(before - device.memoryAvailable))
            _ = try await processor.process(Samples.frame(program.request.input), frameIndex: 0, look: Samples.look())
        }
        #expect(device.statistics.buffers == 0)
    }

    @Test("a result that is copied for the host is the one that is read where it lies, and so is its light")
    func copied() async throws {
        let program = try headline()
        let look = try Samples.look()
        let frame = Samples.frame(program.request.input)
        let copying = try Instance().openDevice(options: DeviceOptions(copiesResults: true))
        let inPlace = try await PictureProcessor(program: program, device: TestDevice.get())
        let copied = try await PictureProcessor(program: program, device: copying)
        for index in 0..<3 {
            let wanted = try await inPlace.process(frame, frameIndex: index, look: look)
            let found = try await copied.process(frame, frameIndex: index, look: look)
            #expect(found.planes == wanted.planes && found.light == wanted.light)
        }
        if copying.features.timestamps { #expect(copied.stageTimes.last?.name == "download") }
    }

    @Test("stages are timed under their names")
    func times() async throws {
        let program = try headline()
        let processor = try await PictureProcessor(program: program, device: TestDevice.get())
        for index in 0..<2 {
            _ = try await processor.process(Samples.frame(program.request.input), frameIndex: index, look: Samples.look())
        }
        guard try TestDevice.get().features.timestamps else { return }
        #expect(processor.stageTimes.map(\.name) == ["unpack", "resample", "chroma", "color", "quantise"])
        #expect(processor.stageTimes.allSatisfy { $0.frames == 2 && $0.seconds > 0 })
    }
}
