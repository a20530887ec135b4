package import Primitives

/// How a video stream is to be coded.
package enum EncodingSettings: Codable, Hashable, Sendable {
    case hevc(HEVCSettings)
    case h264(H264Settings)
    case mpeg2(MPEG2Settings)
    /// XDCAM HD422: MPEG-2 4:2:2 at high level, long groups, 50 Mbit/s.
    case xdcam
    case prores(ProResProfile)
    case dnxhr(DNxHRProfile)
    /// A class of DNxHD, by its bits a second.
    case dnxhd(bitrate: Int)
    /// Lossless, intra only.
    case ffv1

    /// Frames of a group of pictures where the format fixes them: XDCAM HD422 has 12 at 25 frames a second, 15 at more.
    package func longestGroup(at rate: Rational) -> Int? {
        guard case .xdcam = self else { return nil }
        return rate.double > 25 ? 15 : 12
    }
}

/// How many bits a picture gets.
package enum RateControl: Codable, Hashable, Sendable {
    /// Constant quality on the codec's own scale: the rate factor of x264 and x265, 0 (best) … 51.
    case quality(Double)
    /// Average bits a second.
    case bitrate(Int)
}

/// H.265 by x265. The profile follows from the frames: Main for 8 bit 4:2:0, Main 10 for 10 bit, and so on.
package struct HEVCSettings: Codable, Hashable, Sendable {
    /// Nil means `defaultQuality`.
    package var rateControl: RateControl?
    package var preset: SpeedPreset

    package init(rateControl: RateControl? = nil, preset: SpeedPreset = .medium) {
        self.rateControl = rateControl
        self.preset = preset
    }

    /// Rate factor where nothing is asked for: visually transparent on clean sources, by the encoder's documentation
    /// well below its own default of 28.
    package static let defaultQuality = 18.0
}

/// H.264 by x264.
package struct H264Settings: Codable, Hashable, Sendable {
    /// Nil means `defaultQuality`.
    package var rateControl: RateControl?
    package var preset: SpeedPreset
    /// Frames in a row that are coded after a later one; nil leaves it to the encoder. The library's MXF muxer writes no
    /// table of the order in which frames of this codec are shown, so that 0 is the only right number there.
    package var reorderedFrames: Int?

    package init(rateControl: RateControl? = nil, preset: SpeedPreset = .medium, reorderedFrames: Int? = nil) {
        self.rateControl = rateControl
        self.preset = preset
        self.reorderedFrames = reorderedFrames
    }

    /// Rate factor where nothing is asked for; x264's own default is 23.
    package static let defaultQuality = 17.0
}

/// MPEG-2 by the library's encoder.
package struct MPEG2Settings: Codable, Hashable, Sendable {
    /// Bits a second; nil means 0.35 bits a sample of luma at the frame rate.
    package var bitrate: Int?

    package init(bitrate: Int? = nil) { self.bitrate = bitrate }
}

/// Trade of time against size; the names of x264 and x265.
package enum SpeedPreset: String, Codable, Hashable, Sendable, CaseIterable {
    case ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow
}

/// Kinds of Apple ProRes, in the library's numbers.
package enum ProResProfile: Int, Codable, Hashable, Sendable, CaseIterable {
    case proxy = 0
    case lt = 1
    case standard = 2
    case hq = 3
    /// 4:4:4.
    case p4444 = 4
    /// 4:4:4.
    case p4444xq = 5
}

/// Kinds of Avid DNxHR.
package enum DNxHRProfile: String, Codable, Hashable, Sendable, CaseIterable {
    /// 4:2:2, 8 bit.
    case lb, sq, hq
    /// 4:2:2, 10 bit.
    case hqx
    /// 4:4:4, 10 bit.
    case p444
}
