import Filters
import GPU
import Picture
import Testing

/// How much memory networks get, and that it does not show.
@Suite(.serialized) struct NetworkAllowanceTests {
    private static func program() throws -> PictureProgram {
        try PictureProgram(
            PictureRequest(
                input: Samples.format(96, 54, .yuv420p), scaler: .superResolution(.fineTuning),
                scaled: PictureSize(width: 192, height: 108), output: Samples.format(192, 108, .yuv420p10)), models: Samples.models)
    }

    /// A processor on a device of its own: what it takes, and what it makes of a frame.
    ///
    /// - Parameter held: bytes that others hold meanwhile.
    private func run(budget: Int, shares: Int = 2, held: Int? = nil) async throws -> (bytes: Int, planes: [UInt8]) {
        let device = try Instance().openDevice(options: DeviceOptions(memoryBudget: budget, shares: shares))
        let other = try held.map { try device.makeBuffer(byteCount: $0) }
        let before = device.memoryInUse
        let program = try Self.program()
        let processor = try await PictureProcessor(program: program, device: device)
        let bytes = device.memoryInUse - before
        let planes = try await processor.process(Samples.frame(program.request.input), frameIndex: 3).planes
        withExtendedLifetime(other) {}
        return (bytes, planes)
    }

    @Test("Tiles follow from the share, whatever others hold, and no share shows in the picture") func shares() async throws {
        let whole = try await run(budget: 1 << 30)
        let beside = try await run(budget: 4 * whole.bytes, held: 5 * whole.bytes / 2)
        #expect(beside.bytes == whole.bytes)
        #expect(beside.planes == whole.planes)
        let small = try await run(budget: 2 * whole.bytes, shares: 16)
        #expect(small.bytes < whole.bytes)
        #expect(small.planes == whole.planes)
    }
}
