import ColorScience
import Filters
import Foundation
import GPU
import Picture
import Testing

/// Planes larger than one storage binding may show, as a picture of 8192 × 4320 has on a CPU device: here small ones, on a device
/// whose bindings show less still.
@Suite(.serialized) struct LargePlaneTests {
    /// A device of its own, whose bindings show at most so many bytes.
    private static func device(showing bytes: Int) throws -> Device {
        try Instance().openDevice(options: DeviceOptions(maxStorageBufferRange: bytes))
    }

    /// Enough for a table of 33 entries a side, and for the histograms.
    private static let limit = 300 << 10
    /// Of which a plane of floats is larger than that.
    private static let size = PictureSize(width: 403, height: 201)

    static let requests: [(request: PictureRequest, needsLook: Bool)] = {
        let (size, small) = (LargePlaneTests.size, PictureSize(width: 201, height: 101))
        let sdr = Samples.format(size.width, size.height, .yuv420p10)
        let hdr = Samples.format(size.width, size.height, .yuv444p12, Samples.hdr)
        var finished = PictureRequest(input: Samples.format(size.width, size.height, .yuv444p12), scaled: size, output: sdr)
        finished.deband = true
        finished.grain = FilmGrain(size: .medium, strength: 30)
        let enlarged = PictureRequest(
            input: Samples.format(small.width, small.height, .yuv420p), scaler: .bicubic,
            scaled: PictureSize(width: 402, height: 202), output: Samples.format(402, 202, .yuv422p))
        let resampled = PictureRequest(
            input: Samples.format(size.width, size.height, .gbrp10), scaler: .lanczos, scaled: PictureSize(width: 397, height: 211),
            output: Samples.format(397, 211, .yuv420p10))
        let mapped = PictureRequest(
            input: sdr, scaled: size, color: .inverseToneMap(.mobius, whiteLuminance: 203, peakLuminance: 800), output: hdr)
        let looked = PictureRequest(
            input: sdr, scaled: size, color: .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25), output: hdr)
        return [(finished, false), (enlarged, false), (resampled, false), (mapped, false), (looked, true)]
    }()

    @Test("programs give the same bytes", arguments: requests.indices)
    func programs(_ number: Int) async throws {
        let (request, needsLook) = Self.requests[number]
        let program = try PictureProgram(request, models: FilterModels(scaling: [], infiniteHDR: Samples.models.infiniteHDR))
        #expect(request.scaled.sampleCount * 4 > Self.limit)
        let look = needsLook ? try Samples.look(edge: 33) : nil
        let frame = Samples.frame(request.input)
        var results: [[UInt8]] = []
        for device in [try TestDevice.get(), try Self.device(showing: Self.limit)] {
            let processor = try await PictureProcessor(program: program, device: device, depth: 1)
            results.append(try await processor.process(frame, frameIndex: 3, look: look).planes)
        }
        #expect(results[0] == results[1])
    }

    @Test("DENOISE and DEJIT, which look at many frames at once, give the same codes")
    func windows() async throws {
        let limit = 2 << 20
        let layout = PlaneClip.layout(480, 224, .yuv420p10)
        #expect(4 * NoiseReducer.frameCount * layout.planeSize(0).sampleCount > limit)
        var noise = NormalNoise(seed: 8)
        var shifts: [Double] = []
        for _ in 0..<(LineAligner.frameCount * 224) { shifts.append(2 * noise.next()) }
        let clip = PlaneClip(layout, frames: LineAligner.frameCount) { frame, plane, x, y in
            let (across, down) = (Double(x) + (plane == 0 ? shifts[frame * 224 + y] : 0), Double(y))
            let texture = 136 * sin(across * 0.31 + down * 0.02) + 104 * sin(across * 0.117 - down * 0.05 + Double(frame) * 0.3)
            let edge = 120 * tanh((across - 70 - 8 * sin(down * 0.07)) * 0.8)
            let grain = (x * 7919 + y * 104_729 + frame * 31) % 17 - 8
            return 512 + Int((texture + edge).rounded()) + grain
        }
        var results: [[[Int]]] = []
        for device in [try TestDevice.get(), try Self.device(showing: limit)] {
            results.append(try clip.filtered(LineAligner.reach, by: try await NoiseReducer(layout: layout, device: device)))
            results.append(try clip.filtered(LineAligner.reach, by: try await LineAligner(layout: layout, device: device)))
        }
        #expect(results[0] == results[2])
        #expect(results[1] == results[3])
        let source = (0..<3).map { clip.codes(LineAligner.reach, $0) }
        #expect(results[0] != source)
        #expect(results[1] != source)
    }

    static let planeKernels = ShaderName.allCases.filter { $0.binaryName.hasPrefix("plane_") || $0.binaryName.hasPrefix("line_") }

    @Test("no kernel binds a plane", arguments: planeKernels)
    func bindings(_ shader: ShaderName) throws {
        let interface = try ShaderInterface(shader)
        #expect(interface.bindings.filter { !$0.isUniform }.isEmpty)
        #expect(!interface.addresses.isEmpty)
    }
}
