import CLibAV

/// What the FFmpeg that is linked can do, for the operator.
package enum MediaLibrary {
    /// One encoder that the product uses.
    package struct EncoderFact: Sendable {
        package let name: String
        package let isAvailable: Bool
    }

    /// Version of libavcodec, such as `59.37.100`.
    package static var version: String {
        let version = avcodec_version()
        return "libavcodec \(version >> 16).\((version >> 8) & 0xFF).\(version & 0xFF)"
    }

    /// Names of the containers that are read.
    package static var containers: [String] { InputFile.containers.split(separator: ",").map(String.init) }

    /// Whether each encoder that a configuration may name is there.
    package static var encoders: [EncoderFact] {
        ["libx265", "libx264"].map { EncoderFact(name: $0, isAvailable: avcodec_find_encoder_by_name($0) != nil) }
    }
}
