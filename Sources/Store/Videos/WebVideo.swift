package import Domain
package import Primitives

/// The small copy of a video that browsers play; full ingestion makes it.
package enum WebVideo {
    /// H.264 and AAC in MP4, with the index first.
    package static let mimeType = "video/mp4"

    /// Where it lies in storage.
    package static func key(of video: ID<Video>) -> ObjectKey {
        guard let key = ObjectKey("videos/\(video)/web-video.mp4") else { preconditionFailure("a UUID and a literal make a valid key") }
        return key
    }
}
