import CLibAV

/// Owner of a converter of sampling rates, and of channels; computes in double precision.
final class SoundResampler {
    private var raw: OpaquePointer?
    /// Channels of what is put in, and of what comes out.
    private let inputs: Int
    private let outputs: Int

    /// - Parameters:
    ///   - from: in Hz, of what is put in.
    ///   - to: in Hz, of what comes out.
    convenience init(channels: Int, from: Int32, to: Int32) throws(MediaError) {
        try self.init(from: SoundForm(channels: channels, rate: from), to: SoundForm(channels: channels, rate: to))
    }

    /// - Throws: `failed` where there is no rule for mixing the channels.
    init(from: SoundForm, to: SoundForm) throws(MediaError) {
        (inputs, outputs) = (from.channels, to.channels)
        var (source, target) = (from.layout, to.layout)
        defer {
            av_channel_layout_uninit(&source)
            av_channel_layout_uninit(&target)
        }
        try check(
            swr_alloc_set_opts2(
                &raw, &target, AV_SAMPLE_FMT_S32P, to.rate, &source, AV_SAMPLE_FMT_S32P, from.rate, 0, nil), "swr_alloc_set_opts2")
        guard let raw else { throw .outOfMemory }
        let settings = UnsafeMutableRawPointer(raw)
        try check(av_opt_set_sample_fmt(settings, "internal_sample_fmt", AV_SAMPLE_FMT_DBLP, 0), "internal_sample_fmt")
        try check(swr_init(raw), "swr_init")
    }

    deinit { swr_free(&raw) }

    /// - Parameter block: one array a channel, samples in the high bits of 32.
    /// - Returns: the same form at the other rate; less than its share at first, the rest with `finish()`.
    func convert(_ block: [[Int32]]) throws(MediaError) -> [[Int32]] { try run(block) }

    /// What is still inside.
    func finish() throws(MediaError) -> [[Int32]] { try run(nil) }

    private func run(_ block: [[Int32]]?) throws(MediaError) -> [[Int32]] {
        let count = block?.first?.count ?? 0
        let room = Int(swr_get_out_samples(raw, Int32(count)))
        guard room > 0 else { return Array(repeating: [], count: outputs) }
        let input = UnsafeMutablePointer<Int32>.allocate(capacity: max(count * inputs, 1))
        let output = UnsafeMutablePointer<Int32>.allocate(capacity: room * outputs)
        defer {
            input.deallocate()
            output.deallocate()
        }
        for (channel, samples) in (block ?? []).enumerated() {
            for index in 0..<count { input[channel * count + index] = samples[index] }
        }
        func planes(_ base: UnsafeMutablePointer<Int32>, _ length: Int, _ channels: Int) -> [UnsafeMutablePointer<UInt8>?] {
            (0..<channels).map { UnsafeMutableRawPointer(base + $0 * length).assumingMemoryBound(to: UInt8.self) }
        }
        var targets = planes(output, room, outputs)
        let sources = planes(input, count, inputs).map { $0.map { UnsafePointer($0) } }
        let made: Int32 = targets.withUnsafeMutableBufferPointer { targets in
            sources.withUnsafeBufferPointer { sources in
                var first = sources.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
                if block == nil { first = nil }
                return swr_convert(raw, targets.baseAddress, Int32(room), first, Int32(count))
            }
        }
        try check(made, "swr_convert")
        return (0..<outputs).map { channel in (0..<Int(made)).map { output[channel * room + $0] } }
    }
}
