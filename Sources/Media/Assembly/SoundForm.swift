import CLibAV

/// Channels and sampling rate of sound.
struct SoundForm: Hashable, CustomStringConvertible {
    let channels: Int
    /// Which channels these are, as the library's bits; 0 where nobody has named them.
    let mask: UInt64
    /// In Hz.
    let rate: Int32

    init(channels: Int, mask: UInt64 = 0, rate: Int32) {
        (self.channels, self.mask, self.rate) = (channels, mask, rate)
    }

    init(_ layout: AVChannelLayout, rate: Int32) {
        self.init(
            channels: Int(layout.nb_channels), mask: layout.order == AV_CHANNEL_ORDER_NATIVE ? layout.u.mask : 0, rate: rate)
    }

    /// Whether sound of one form can go on as sound of the other; channels without names are those of the other.
    func isSame(as other: SoundForm) -> Bool {
        channels == other.channels && rate == other.rate && (mask == other.mask || mask == 0 || other.mask == 0)
    }

    /// By the names of the channels; where they have none, the standard layout of as many.
    var layout: AVChannelLayout {
        var layout = AVChannelLayout()
        if mask == 0 || av_channel_layout_from_mask(&layout, mask) < 0 { av_channel_layout_default(&layout, Int32(channels)) }
        return layout
    }

    /// In words: `stereo at 48000 Hz`.
    var description: String {
        var layout = layout
        let name: String? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, av_channel_layout_describe(&layout, start, buffer.count) > 0 else { return nil }
            return String(cString: start)
        }
        return "\(name ?? "\(channels) channels") at \(rate) Hz"
    }
}
