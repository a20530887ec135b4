package import Picture

extension OutputEncoding {
    /// The expected size of a rendition in bytes: the bit rate that was asked for or that the profile has, else what the
    /// encoder's quality target comes to, with 1 % for the container and the source's sound at 256 kbit/s.
    package func estimatedBytes(size: PictureSize, frames: Int, milliseconds: Int64) -> Int64 {
        let seconds = Double(milliseconds) / 1000
        let pixels = Double(size.width) * Double(size.height) * Double(frames)
        let video =
            (bitrate ?? fixedBitrate).map { Double($0) * seconds } ?? profile?.classBitrate.map { $0 * seconds } ?? pixels * bitsPerPixel
        // Beyond what a file can have, the number says no more.
        return Int64(min((video + 256_000 * seconds) / 8 * 1.01, 1e18).rounded())
    }

    /// Bits a second of a codec that has one rate.
    private var fixedBitrate: Int64? { codec == .xdcam ? Self.xdcamBitrate : nil }

    /// Bits each pixel takes where no bit rate is set. ProRes by Apple's white paper (1920×1080 at 29.97: 45 to 500 Mbit/s),
    /// DNxHR by Avid's (45, 145 and 220, 4:4:4 440 Mbit/s); FFV1
    /// takes about half of what uncompressed samples do; the others are rules of thumb for film at the quality targets.
    private var bitsPerPixel: Double {
        switch codec {
        case .h264: 0.12
        case .hevc: 0.08
        case .mpeg2: 0.4
        case .xdcam: 0.96
        case .ffv1: Double(format.bitDepth) * (format.subsampling == .yuv444 ? 1.5 : format.subsampling == .yuv422 ? 1.0 : 0.75)
        case .proRes:
            switch profile {
            case .proRes422Proxy: 0.72
            case .proRes422LT: 1.64
            case .proRes422HQ: 3.54
            case .proRes4444Standard: 5.31
            case .proRes4444XQ: 8.05
            default: 2.37
            }
        case .dnxhd, .dnxhr:
            switch profile {
            case .dnxhrLB: 0.72
            case .dnxhrHQ, .dnxhrHQX: 3.54
            case .dnxhr444: 7.08
            default: 2.33
            }
        }
    }
}

extension EncodingProfile {
    /// The rate in bit/s that a DNxHD class is named by; nil for the other profiles.
    fileprivate var classBitrate: Double? {
        guard codec == .dnxhd else { return nil }
        return Double(rawValue.split(separator: "_")[1].filter(\.isNumber)).map { $0 * 1e6 }
    }
}
