import Picture

/// The file format of a rendition.
package enum RenditionContainer: String, Codable, Hashable, Sendable, CaseIterable {
    case mov
    case mp4
    /// SMPTE ST 377-1, operational pattern OP1a.
    case mxf
    /// MPEG-2 transport stream (ISO/IEC 13818-1).
    case mpegTS = "ts"

    /// The library's name of the muxer.
    var muxer: String { self == .mpegTS ? "mpegts" : rawValue }

    /// Whether its streams are tracks of QuickTime: timecode and uncompressed sound among them.
    var isQuickTime: Bool { self == .mov }

    /// Whether it is made of the boxes of ISO/IEC 14496-12: headers stand apart from the packets, edit lists place tracks,
    /// and there are chapters.
    var isISO: Bool { self == .mov || self == .mp4 }

    /// Whether the address of the first frame has a place.
    var carriesTimecode: Bool { self == .mov || self == .mxf }

    /// Whether every track has exactly the length of the picture: one unit of the file holds a frame and its sound.
    var interleavesWholeFrames: Bool { self == .mxf }

    /// What of static HDR metadata a player does not find: neither in boxes and local sets of the container, nor in messages of the
    /// stream. The library's MXF has the mastering display of ST 2067-21, and no light levels.
    func omission(of hdr: StaticHDRMetadata, codec: String) -> AssemblyReport.Omission? {
        if hdr == .none || isISO || codec == "hevc" || codec == "h264" { return nil }
        guard self == .mxf else { return .staticHDRMetadata }
        return hdr.lightLevel == nil ? nil : .lightLevels
    }

    package var mimeType: String {
        switch self {
        case .mov: "video/quicktime"
        case .mp4: "video/mp4"
        case .mxf: "application/mxf"
        case .mpegTS: "video/mp2t"
        }
    }

    /// What a person calls it.
    package var displayName: String {
        switch self {
        case .mov: "QuickTime"
        case .mp4: "MPEG-4"
        case .mxf: "MXF"
        case .mpegTS: "MPEG-TS"
        }
    }

    package var fileExtension: String { rawValue }
}
