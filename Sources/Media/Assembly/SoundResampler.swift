import CLibAV

/// Owner of a converter of sampling rates; computes in double precision.
final class SoundResampler {
    private var raw: OpaquePointer?
    private let channels: Int

    /// - Parameters:
    ///   - from: in Hz, of what is put in.
    ///   - to: in Hz, of what comes out.
    init(channels: Int, from: Int32, to: Int32) throws(MediaError) {
        self.channels = channels
        var (source, target) = (AVChannelLayout(), AVChannelLayout())
        av_channel_layout_default(&source, Int32(channels))
        av_channel_layout_default(&target, Int32(channels))
        defer {
            av_channel_layout_uninit(&source)
            av_channel_layout_uninit(&target)
        }
        try check(
            swr_alloc_set_opts2(&raw, &target, AV_SAMPLE_FMT_S32P, to, &source, AV_SAMPLE_FMT_S32P, from, 0, nil), "swr_alloc_set_opts2")
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
        guard room > 0 else { return Array(repeating: [], count: channels) }
        let input = UnsafeMutablePointer<Int32>.allocate(capacity: max(count * channels, 1))
        let output = UnsafeMutablePointer<Int32>.allocate(capacity: room * channels)
        defer {
            input.deallocate()
            output.deallocate()
        }
        for (channel, samples) in (block ?? []).enumerated() {
            for index in 0..<count { input[channel * count + index] = samples[index] }
        }
        func planes(_ base: UnsafeMutablePointer<Int32>, _ length: Int) -> [UnsafeMutablePointer<UInt8>?] {
            (0..<channels).map { UnsafeMutableRawPointer(base + $0 * length).assumingMemoryBound(to: UInt8.self) }
        }
        var targets = planes(output, room)
        let sources = planes(input, count).map { $0.map { UnsafePointer($0) } }
        let made: Int32 = targets.withUnsafeMutableBufferPointer { targets in
            sources.withUnsafeBufferPointer { sources in
                var first = sources.baseAddress.map { UnsafeMutablePointer(mutating: $0) }
                if block == nil { first = nil }
                return swr_convert(raw, targets.baseAddress, Int32(room), first, Int32(count))
            }
        }
        try check(made, "swr_convert")
        return (0..<channels).map { channel in (0..<Int(made)).map { output[channel * room + $0] } }
    }
}
