/// The file format of a rendition.
package enum RenditionContainer: String, Codable, Hashable, Sendable, CaseIterable {
    case mov
    case mp4

    /// The library's name of the muxer.
    var muxer: String { rawValue }

    /// Whether timecode tracks and uncompressed sound are among its streams.
    var isQuickTime: Bool { self == .mov }

    package var mimeType: String { self == .mov ? "video/quicktime" : "video/mp4" }
    package var fileExtension: String { rawValue }
}
